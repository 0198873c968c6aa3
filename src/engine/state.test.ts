import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { node } from '../../test/helpers/nodes.ts'
import type { Distribution, NodeSpec } from '../model/node.ts'
import { stateFile } from './look.ts'
import { readStored, SeedMemories, type StoredCluster, writeStored } from './state.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-state-'))
  process.env['DEVCLUSTER_HOME'] = home
})
afterEach(() => {
  delete process.env['DEVCLUSTER_HOME']
  rmSync(home, { recursive: true, force: true })
})

function stored(nodes: readonly NodeSpec[]): StoredCluster {
  const spec = {
    id: 'c-1',
    name: 'c',
    files: [],
    runtime: 'auto' as const,
    bind: '127.0.0.1',
    bindIsExplicit: false,
    mirrors: {},
    services: [],
  }
  return {
    v: 1,
    id: 'c-1',
    name: 'c',
    writtenBy: '0',
    runtime: 'process',
    spec,
    nodes,
    inputs: null,
    seeded: {},
    env: { host: {}, container: {} },
    spring: {},
    secrets: [],
    createdAt: 1,
    ready: true,
  }
}

test('what is stored is read back whole, each distribution written once', async () => {
  const distribution: Distribution = { from: 'maven', id: 'toy-1.0', artifacts: [{ coordinate: 'a:b:1', sha256: 'f'.repeat(64), size: 1 }] }
  const launch = { via: 'process', distribution, program: { type: 'native', args: [] } } as const
  const nodes = [node('toy-1'), node('toy-2')].map((spec) => ({ ...spec, launch, commands: { tool: launch } }))
  await writeStored(stored(nodes))
  expect(await readStored('c-1')).toEqual(stored(nodes))
  expect(readFileSync(stateFile('c-1'), 'utf8').split('f'.repeat(64))).toHaveLength(2)
})

test('a torn or foreign state file is no cluster, not a crash', async () => {
  await writeStored(stored([]))
  writeFileSync(stateFile('c-1'), '{"v":1,"nodes":[')
  expect(await readStored('c-1')).toBeUndefined()
  writeFileSync(stateFile('c-1'), '[]')
  expect(await readStored('c-1')).toBeUndefined()
})

test('seed memories of several services are kept apart and survive', async () => {
  const memories = await SeedMemories.open('c-1')
  await Promise.all([memories.of('a').put('k', { n: 1 }), memories.of('b').put('k', { n: 2 })])
  const again = await SeedMemories.open('c-1')
  expect([again.of('a').get('k'), again.of('b').get('k')]).toEqual([{ n: 1 }, { n: 2 }])
  await again.of('a').delete('k')
  expect((await SeedMemories.open('c-1')).of('a').get('k')).toBeUndefined()
})

test('a seed memory that is put is on disk, also when many are put at once or while another is being written', async () => {
  const memories = await SeedMemories.open('c-1')
  const onDisk = async (key: string) => (await SeedMemories.open('c-1')).of('a').get(key)
  const first = memories.of('a').put('first', { n: 0 })
  const many = Array.from({ length: 20 }, async (_, n) => {
    if (n > 10) await first
    await memories.of('a').put(`k${n}`, { n })
    return onDisk(`k${n}`)
  })
  expect(await Promise.all(many)).toEqual(Array.from({ length: 20 }, (_, n) => ({ n })))
  expect(await onDisk('first')).toEqual({ n: 0 })
})
