// Durations, moments and counts as people write them.
import { expect, test } from 'vitest'
import { countOf, durationOf, momentOf, parseDuration } from './values.ts'

test.each([
  ['90', 90_000],
  ['1.5', 1_500],
  ['500ms', 500],
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['5min', 300_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', 's', '-1', '1m30', '5 parsecs', '1e3', 'soon'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
  if (text !== '') expect(() => durationOf('timeout', text)).toThrow(/--timeout cannot be/)
})

test('a moment is a duration ago or a time', () => {
  expect(momentOf('since', '10s', 100_000)).toBe(90_000)
  expect(momentOf('since', '2026-05-01T12:00:00Z', 0)).toBe(Date.UTC(2026, 4, 1, 12))
  expect(() => momentOf('since', 'yesterday', 0)).toThrow(/--since cannot be yesterday/)
})

test('a count is a whole number', () => {
  expect(countOf('tail', '12')).toBe(12)
  expect(() => countOf('tail', '1.5')).toThrow(/--tail cannot be 1.5/)
})
