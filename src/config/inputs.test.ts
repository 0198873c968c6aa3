import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toyDefinitions } from '../../test/helpers/toy-services.ts'
import { type LoadInputs, sameInputs, stampFile } from './inputs.ts'
import { loadSpec } from './load.ts'

let dir: string
let file: string
const env = { NODES: '2', OTHER: 'x' }

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devcluster-inputs-'))
  file = join(dir, 'devcluster.yaml')
  writeFileSync(join(dir, 'base.yaml'), 'services: { toy: { message: ${SAY:-hi} } }\n')
  writeFileSync(join(dir, 'data.txt'), 'data\n')
  writeFileSync(file, 'extends: base.yaml\nservices: { toy: { nodes: "${NODES}", data: ./data.txt } }\n')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function inputs(): Promise<LoadInputs> {
  const { inputs: read, diagnostics } = await loadSpec(
    { cwd: dir, env, sets: ['name=a'], profiles: ['p'], runtime: 'process' },
    toyDefinitions,
  )
  expect(diagnostics.filter((item) => item.severity === 'error')).toEqual([])
  const stored: LoadInputs = JSON.parse(JSON.stringify(read))
  return stored
}

test('nothing changed must be the same', async () => {
  const flags = { roots: [file], sets: ['name=a'], profiles: ['p'], runtime: 'process' }
  expect(sameInputs(await inputs(), env, flags)).toBe(true)
})

test.each([
  ['the file', () => writeFileSync(file, 'services: { toy: {} }')],
  ['a file it extends', () => writeFileSync(join(dir, 'base.yaml'), 'services: { toy: {} }')],
  ['a .env that was absent', () => writeFileSync(join(dir, '.env'), 'SAY=hello')],
  ['a file named in options', () => writeFileSync(join(dir, 'data.txt'), 'other data\n')],
  ['a file that is gone', () => rmSync(join(dir, 'data.txt'))],
])('%s changed must not be the same', async (_what, change) => {
  const before = await inputs()
  change()
  expect(sameInputs(before, env)).toBe(false)
})

test('a variable that was read must count, any other not', async () => {
  const before = await inputs()
  expect(sameInputs(before, { ...env, OTHER: 'y' })).toBe(true)
  expect(sameInputs(before, { ...env, NODES: '3' })).toBe(false)
  expect(sameInputs(before, { OTHER: 'x' })).toBe(false)
  expect(sameInputs(before, { ...env, SAY: '' })).toBe(false)
  expect(sameInputs(before, { ...env, DEVCLUSTER_PROFILES: 'q' })).toBe(false)
})

test('other flags must not be the same', async () => {
  const before = await inputs()
  const flags = { roots: [file], sets: ['name=a'], profiles: ['p'], runtime: 'process' }
  for (const other of [{ sets: [] }, { profiles: [] }, { runtime: undefined }, { roots: [file, file] }]) {
    expect(sameInputs(before, env, { ...flags, ...other })).toBe(false)
  }
})

test('values of variables must not be kept', async () => {
  writeFileSync(file, 'services: { toy: { message: "${PASSWORD}" } }')
  const { inputs: read } = await loadSpec({ cwd: dir, env: { PASSWORD: 'hunter2' } }, toyDefinitions)
  expect(JSON.stringify(read)).not.toContain('hunter2')
  expect(Object.keys(read.variables)).toEqual(['DEVCLUSTER_PROFILES', 'PASSWORD'])
})

test('a module or an object must never be the same', async () => {
  const { inputs: object } = await loadSpec({ cwd: dir, env, object: { services: { toy: {} } } }, toyDefinitions)
  expect(sameInputs(object, env)).toBe(false)
  rmSync(file)
  writeFileSync(join(dir, 'devcluster.mjs'), 'export default { services: { toy: {} } }')
  const { inputs: module, spec } = await loadSpec({ cwd: dir, env }, toyDefinitions)
  expect(spec).toBeDefined()
  expect(sameInputs(module, env)).toBe(false)
})

test('a name that no file can have must count as a missing file', () => {
  for (const path of ['/tmp/\0data.txt', '/nowhere/data.txt', `/${'x'.repeat(5000)}`])
    expect(stampFile(path)).toEqual({ path, size: -1, mtimeMs: -1 })
})
