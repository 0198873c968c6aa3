import { expect, test } from 'vitest'
import { didYouMean, editDistance, nearest, orList } from './suggest.ts'

test('an edit must count one, a swap of neighbours too', () => {
  expect(editDistance('brokers', 'brokers')).toBe(0)
  expect(editDistance('brokrs', 'brokers')).toBe(1)
  expect(editDistance('borkers', 'brokers')).toBe(1)
  expect(editDistance('', 'abc')).toBe(3)
})

test('only a near name must be suggested, the nearest first', () => {
  expect(nearest('nods', ['mode', 'nodes', 'port'])).toBe('nodes')
  expect(nearest('NODES', ['nodes'])).toBe('nodes')
  expect(nearest('x', ['nodes', 'port'])).toBeUndefined()
  expect(nearest('a'.repeat(1000), ['a'.repeat(999)])).toBeUndefined()
  expect(didYouMean('prot', ['port'])).toBe('did you mean "port"?')
})

test('a list must read as words', () => {
  expect(orList([])).toBe('')
  expect(orList(['a'])).toBe('a')
  expect(orList(['a', 'b', 'c'])).toBe('a, b or c')
  expect(orList(['a', 'b', 'c'], 2)).toBe('a, b, ...')
})
