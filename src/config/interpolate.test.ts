import { expect, test } from 'vitest'
import { interpolate, retype } from './interpolate.ts'
import { fromObject } from './parse-object.ts'
import { toPlain } from './tree.ts'

const env: Record<string, string> = { N: '5', V: '4.30', EMPTY: '', NAME: 'shop', B: 'true' }

function run(value: unknown) {
  const problems: string[] = []
  const { root } = fromObject(value, { kind: 'object', name: 'object', dir: '/' })
  const result = interpolate(root, {
    lookup: (name) => env[name],
    report: (_node, path, text) => problems.push(`${path.join('.')} ${text.severity ?? 'error'}: ${text.message}`),
  })
  return { node: result, plain: toPlain(result), problems }
}

test.each([
  ['${N}', 5],
  ['${B}', true],
  ['${EMPTY}', null],
  ['${NO:-3}', 3],
  ['${NO-}', null],
  ['${EMPTY:-x}', 'x'],
  ['${EMPTY-x}', null],
  ['${NO:-a:-b}', 'a:-b'],
  ['${NO:-${NAME}-1}', 'shop-1'],
  ['${N:+set}', 'set'],
  ['${NO+set}', null],
  ['${N}${N}', '55'],
  ['x${N}', 'x5'],
  ['n-${NAME}.y', 'n-shop.y'],
  ['$$', '$'],
  ['$${N}', '${N}'],
  ['$N costs 5$', '$N costs 5$'],
  ['${NO:-$$}', '$'],
])('%s must become %j', (text, wanted) => {
  expect(run({ a: text })).toMatchObject({ plain: { a: wanted }, problems: [] })
})

test('a value that was typed anew must keep its text', () => {
  const { node } = run({ a: '${V}' })
  expect(node.type === 'map' && node.entries.get('a')?.value).toMatchObject({ value: 4.3, text: '4.30', variables: ['V'] })
})

test('an unset variable must be an error with a message where one is demanded, else a warning', () => {
  expect(run({ a: ['${NO:?say how many}', '${NO}', '${EMPTY:?full please}', '${EMPTY?}'] }).problems).toEqual([
    'a.0 error: NO is not set: say how many',
    'a.1 warning: NO is not set, taken as empty',
    'a.2 error: EMPTY is not set: full please',
  ])
})

test.each(['${', 'a${N', '${1}', '${}', '${N:x}', '${A B}'])('%s must be refused', (text) => {
  expect(run({ a: text }).problems).toEqual([expect.stringMatching(/^a error: /)])
})

test('keys must stay as they are', () => {
  expect(run({ '${N}': 1 }).plain).toEqual({ '${N}': 1 })
})

test('text must be typed as YAML types it', () => {
  expect(['1', '-2', '1.5', '1e3', '0x1F', 'true', 'False', 'null', '~', '', '1.2.3', 'yes', '.', '1_000', '12m'].map(retype)).toEqual([
    1,
    -2,
    1.5,
    1000,
    31,
    true,
    false,
    null,
    null,
    null,
    '1.2.3',
    'yes',
    '.',
    '1_000',
    '12m',
  ])
})
