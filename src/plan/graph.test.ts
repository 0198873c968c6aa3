import { expect, test } from 'vitest'
import { CycleError, topologicalOrder } from './graph.ts'

test('everything comes after what it needs', () => {
  expect(
    topologicalOrder(
      new Map([
        ['c', ['b', 'a']],
        ['b', ['a']],
        ['a', []],
      ]),
    ),
  ).toEqual(['a', 'b', 'c'])
})

test('a cycle is named in its order', () => {
  const cyclic = () =>
    topologicalOrder(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    )
  expect(cyclic).toThrow(CycleError)
  expect(cyclic).toThrow('cycle: b -> c -> b')
})
