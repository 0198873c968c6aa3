import { describe, expect, it } from 'vitest'
import type { NodeSpec } from '../model/node.ts'
import { fingerprint, stableJson } from './fingerprint.ts'

const node: Omit<NodeSpec, 'fingerprint'> = {
  id: 'toy-1',
  service: 'toy',
  kind: 'toy',
  role: 'member',
  index: 1,
  shape: { id: 'toy-1', service: 'toy', kind: 'toy', role: 'member', index: 1, ports: {}, after: [], stopRank: 0 },
  place: { ports: {}, dirs: { config: '/c', data: '/d', logs: '/l' } },
  launch: { via: 'container', image: 'toy:1' },
  env: { A: '1', B: '2' },
  files: [{ dir: 'config', path: 'toy.conf', content: 'x' }],
  stop: { signal: 'SIGTERM', graceMs: 1000 },
  commands: {},
  explain: [],
  resources: {},
  volumes: [],
  identity: {},
  facts: {},
}

describe('fingerprint', () => {
  it('must not depend on the order of keys', () => {
    expect(fingerprint({ ...node, env: { B: '2', A: '1' } })).toBe(fingerprint(node))
  })
  it('must change with a file, an address or an image', () => {
    const before = fingerprint(node)
    expect(fingerprint({ ...node, files: [{ dir: 'config', path: 'toy.conf', content: 'y' }] })).not.toBe(before)
    expect(fingerprint({ ...node, launch: { via: 'container', image: 'toy:2' } })).not.toBe(before)
    const listen = { host: '127.0.0.1', port: 1 }
    expect(fingerprint({ ...node, place: { ...node.place, ports: { client: { listen, peer: listen } } } })).not.toBe(before)
  })
  it('must not change with explanations, tools or the order of starting', () => {
    const changed = {
      ...node,
      explain: [{ setting: 'a', value: 'b', origin: 'file', why: 'c' } as const],
      commands: { toy: { via: 'container', argv: ['toy'] } as const },
      shape: { ...node.shape, after: [{ node: 'other-1', until: 'ready' } as const], stopRank: 2 },
    }
    expect(fingerprint(changed)).toBe(fingerprint(node))
  })
})

describe('stableJson', () => {
  it('must leave out what is undefined and sort the rest', () => {
    expect(stableJson({ b: [1, undefined, { d: 1, c: null }], a: undefined })).toBe('{"b":[1,null,{"c":null,"d":1}]}')
  })
})
