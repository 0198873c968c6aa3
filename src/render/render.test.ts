import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isDevclusterError } from '../errors.ts'
import type { NodeDraft } from '../model/node.ts'
import { defineService } from '../model/service.ts'
import type { NodeShape } from '../model/shape.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { renderAll } from './render.ts'

const cluster: ClusterSpec = {
  id: 'shop-00000000',
  name: 'shop',
  files: [],
  runtime: 'auto',
  bind: '127.0.0.1',
  bindIsExplicit: false,
  mirrors: {},
  services: [{ name: 'toy', kind: 'toy', options: {}, needs: [], env: {}, resources: {}, volumes: [], implied: false }],
}
const shape = (id: string): NodeShape => ({ id, service: 'toy', kind: 'toy', role: 'member', index: 1, ports: {}, after: [], stopRank: 0 })
const place = { ports: {}, dirs: { config: '/c', data: '/d', logs: '/l' } }
const draft: NodeDraft = {
  launch: { via: 'container', image: 'toy:1' },
  env: {},
  files: [],
  stop: { signal: 'SIGTERM', graceMs: 1000 },
  commands: {},
  explain: [],
  resources: {},
  volumes: [],
  identity: {},
  facts: {},
}

function render(change: Partial<NodeDraft>, shapes: readonly NodeShape[] = [shape('toy-1')]) {
  const toy = defineService({
    kind: 'toy',
    summary: 'a toy',
    runs: ['container'],
    schema: z.strictObject({}),
    shape: () => shapes,
    render: () => ({ ...draft, ...change }),
    endpoints: () => [],
    probe: () => () => Promise.resolve({ ready: true }),
    readyWithinMs: 1000,
  })
  const placement = Object.fromEntries(shapes.map(({ id }) => [id, place]))
  return renderAll(cluster, shapes, placement, 'container', new Map([['toy', toy]]))
}

function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return isDevclusterError(error) ? error.code : 'not ours'
  }
  return 'no error'
}

describe('renderAll', () => {
  it('must complete a draft with its shape, its place and a fingerprint', () => {
    expect(render({})).toEqual([
      {
        ...draft,
        id: 'toy-1',
        service: 'toy',
        kind: 'toy',
        role: 'member',
        index: 1,
        shape: shape('toy-1'),
        place,
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ])
  })
  it.each<[string, Partial<NodeDraft>]>([
    ['a file outside its folder', { files: [{ dir: 'config', path: '../x', content: '' }] }],
    ['an absolute file', { files: [{ dir: 'config', path: '/x', content: '' }] }],
    ['two files of one name', { files: ['1', '2'].map((content) => ({ dir: 'config', path: 'x', content })) }],
    [
      'a launch for the other runtime',
      {
        launch: { via: 'process', distribution: { from: 'path', id: 'x', program: 'x', hint: '' }, program: { type: 'native', args: [] } },
      },
    ],
    ['an impossible variable', { env: { 'A=B': '1' } }],
  ])('must refuse %s', (_, change) => {
    expect(codeOf(() => render(change))).toBe('INTERNAL')
  })
  it('must refuse two nodes of one id and a wait for nobody', () => {
    expect(codeOf(() => render({}, [shape('toy-1'), shape('toy-1')]))).toBe('INTERNAL')
    expect(codeOf(() => render({}, [{ ...shape('toy-1'), after: [{ node: 'toy-9', until: 'ready' }] }]))).toBe('INTERNAL')
  })
})
