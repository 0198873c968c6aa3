// Whatever is in a cluster file: no crash, and either a specification or at least one error. And what was made can be made again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatDiagnostics } from '../../src/config/diagnostic.ts'
import { loadSpec } from '../../src/config/load.ts'
import { toyDefinitions } from '../helpers/toy-services.ts'

const RUNS = Number(process.env['DEVCLUSTER_PROPERTY_RUNS'] ?? 200)

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'devcluster-property-'))
  writeFileSync(join(dir, 'data.txt'), 'x')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const GOOD = `# a comment
name: shop
runtime: process
bind: 127.0.0.1
mirrors: { docker.io: mirror.example }
x-common: &common { mode: loud, labels: { a: "b" } }
services:
  toy:
    <<: *common
    nodes: \${N:-3}
    port: 21000
    data: ./data.txt
    seeds: { one: data.txt, two: { copies: 2 } }
    env: { A: 1 }
    resources: { memory: 512m, cpus: 0.5 }
  second: { kind: toy, needs: [toy], profiles: [extra] }
  pair: { toy: toy, debug: 5005 }
  late: { kind: pair, needs: pair, toy: toy, volumes: ["/tmp:/x:ro"] }
`

/** Pieces that make trouble in YAML, in paths, in schemas. */
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\t',
  '"',
  "'",
  '&a ',
  '*a',
  '*common',
  '<<: ',
  '!!x ',
  '${',
  '${N',
  '$',
  '|\n',
  '? ',
  '---\n',
  '#',
  ',',
]
const WORDS = [
  'null',
  'true',
  '-1',
  '9999999999',
  '.nan',
  '1e400',
  'toy',
  'pair',
  'late',
  'kind: ',
  'needs: ',
  '__proto__',
  'constructor',
  'extends: ',
  '\u0000',
  '\u2028',
  '日本',
  '~',
  '""',
]
const piece = fc.constantFrom(...PIECES, ...WORDS)

/** One edit: a cut from `start` of `length`, and what comes in its place. */
const edit = fc.record({ start: fc.nat(GOOD.length), length: fc.oneof(fc.constant(0), fc.nat(12)), text: fc.oneof(piece, fc.constant('')) })
const mutated = fc
  .array(edit, { minLength: 1, maxLength: 5 })
  .map((edits) =>
    edits.reduce((text, { start, length, text: inserted }) => text.slice(0, start) + inserted + text.slice(start + length), GOOD),
  )

/** Documents of the right outline with anything inside. */
const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('${N}', 'toy', 'auto', '1:1', './data.txt'),
)
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 3 }),
  ),
})).value
const KEYS = [
  'nodes',
  'port',
  'message',
  'data',
  'mode',
  'delayMs',
  'labels',
  'seeds',
  'kind',
  'needs',
  'profiles',
  'image',
  'env',
  'resources',
  'volumes',
  'debug',
  'toy',
  'logs',
]
const entry = fc.oneof(anything, fc.dictionary(fc.constantFrom(...KEYS), anything, { maxKeys: 5 }))
const document = fc.record(
  {
    version: fc.oneof(fc.constant(1), anything),
    name: fc.oneof(fc.constant('shop'), anything),
    runtime: fc.oneof(fc.constantFrom('auto', 'docker', 'process'), anything),
    mirrors: anything,
    services: fc.oneof(
      { weight: 9, arbitrary: fc.dictionary(fc.constantFrom('toy', 'pair', 'a', 'b', 'Bad name', '__proto__'), entry) },
      { weight: 1, arbitrary: anything },
    ),
  },
  { requiredKeys: ['services'] },
)

async function mustJudge(name: string, text: string, env: NodeJS.ProcessEnv = {}) {
  const path = join(dir, name)
  writeFileSync(path, text)
  const loaded = await loadSpec({ files: [path], cwd: dir, env }, toyDefinitions)
  const errors = loaded.diagnostics.filter((item) => item.severity === 'error')
  expect(loaded.spec === undefined).toBe(errors.length > 0)
  expect(formatDiagnostics(loaded.diagnostics, { cwd: dir }).length > 0).toBe(loaded.diagnostics.length > 0)
  for (const item of loaded.diagnostics) {
    if (item.line === undefined || item.file !== path) continue
    const line = text.split('\n')[item.line - 1]?.replace(/\r$/, '')
    expect(item.excerpt).toBe(line)
    expect(item.column).toBeGreaterThanOrEqual(1)
    expect(item.endColumn).toBeGreaterThan(item.column ?? 0)
  }
  return loaded
}

test('the unmutated file must be good', async () => {
  const { spec, diagnostics } = await mustJudge('good.yaml', GOOD)
  expect(diagnostics.filter((item) => item.severity === 'error')).toEqual([])
  expect(spec?.services.map((service) => service.name)).toEqual(['toy', 'pair', 'late'])
})

test('a mutated YAML file must give a specification or an error, never a crash', async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async (text) => {
      await mustJudge('mutated.yaml', text)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('any text must give a specification or an error, never a crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.constantFrom('any.yaml', 'any.json'), async (text, name) => {
      // Lone surrogates do not survive UTF-8; what is on disk is what counts.
      await mustJudge(name, Buffer.from(text, 'utf8').toString('utf8'))
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('a JSON document with anything inside must give a specification or an error, and again the same', async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.string(), async (value, n) => {
      const loaded = await mustJudge('document.json', JSON.stringify(value, null, 1), { N: n })
      if (!loaded.spec) return
      // What was resolved, given again as an object, must resolve to itself.
      const again = await loadSpec({ object: loaded.tree, cwd: dir, env: {}, id: loaded.spec.id }, toyDefinitions)
      expect(again.spec?.services).toEqual(loaded.spec.services)
      expect(again.tree).toEqual(loaded.tree)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('a good file resolved and given again must be the same specification', async () => {
  const { spec, tree } = await mustJudge('good.yaml', GOOD, { N: '2' })
  const again = await loadSpec({ object: tree, cwd: dir, env: {}, id: spec?.id ?? '' }, toyDefinitions)
  expect(again.spec?.services).toEqual(spec?.services)
})

test('any --set must be applied or refused, never crash', async () => {
  const flag = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc
      .array(fc.oneof(piece, fc.constantFrom('services.toy.', 'nodes', '.', '=', '["', '"]', '[0]')), { maxLength: 6 })
      .map((parts) => parts.join('')),
  )
  writeFileSync(join(dir, 'set.yaml'), GOOD)
  await fc.assert(
    fc.asyncProperty(flag, async (text) => {
      const { spec, diagnostics } = await loadSpec({ files: ['set.yaml'], cwd: dir, env: {}, sets: [text] }, toyDefinitions)
      expect(spec === undefined).toBe(diagnostics.some((item) => item.severity === 'error'))
      expect(typeof formatDiagnostics(diagnostics)).toBe('string')
    }),
    { numRuns: RUNS },
  )
}, 120_000)
