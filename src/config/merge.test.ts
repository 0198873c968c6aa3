import { expect, test } from 'vitest'
import { merge } from './merge.ts'
import { fromObject } from './parse-object.ts'
import { locate, toPlain } from './tree.ts'

const tree = (value: unknown, name = 'object') => fromObject(value, { kind: 'object', name, dir: '/' }).root

test.each([
  ['maps must merge deep', { a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: 1, c: 3, d: 4 } }],
  ['lists must replace', { a: [1, 2] }, { a: [3] }, { a: [3] }],
  ['a scalar must replace a map', { a: { b: 1 } }, { a: 1 }, { a: 1 }],
  ['a map must replace a scalar', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ['null must delete', { a: 1, b: { c: 1, d: 2 } }, { a: null, b: { c: null } }, { b: { d: 2 } }],
  ['null over nothing must stay', {}, { a: null }, { a: null }],
  ['a map over null must count', { a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
])('%s', (_title, base, over, wanted) => {
  expect(toPlain(merge(tree(base), tree(over)))).toEqual(wanted)
})

test('a position must follow the document that supplied the value', () => {
  const merged = merge(tree({ a: { x: 1, y: 1 } }, 'base'), tree({ a: { y: 2 } }, 'over'))
  expect(locate(merged, ['a', 'x']).node.span.source.name).toBe('base')
  expect(locate(merged, ['a', 'y']).node.span.source.name).toBe('over')
})
