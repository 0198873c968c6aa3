import { expect, test } from 'vitest'
import { waitUntilReady } from './wait.ts'

const never = new AbortController().signal

test('a wait ends with the first ready answer and keeps the answers before it', async () => {
  const answers = ['connection refused', 'connection refused', 'lists 2 of 3']
  const result = await waitUntilReady(
    async () => {
      const why = answers.shift()
      return why === undefined ? { ready: true, detail: 'all there' } : { ready: false, why }
    },
    { withinMs: 5_000, signal: never },
  )
  expect(result.outcome).toBe('ready')
  expect(result.detail).toBe('all there')
  expect(result.history.map(({ why, tries }) => [why, tries])).toEqual([
    ['connection refused', 2],
    ['lists 2 of 3', 1],
  ])
})

test('a fatal answer ends the wait at once', async () => {
  const result = await waitUntilReady(async () => ({ ready: false, why: 'wrong cluster', fatal: true }), {
    withinMs: 60_000,
    signal: never,
  })
  expect(result.outcome).toBe('fatal')
  expect(result.ms).toBeLessThan(5_000)
})

test('a probe that accepts and never answers is cut off, and the wait is late, not endless', async () => {
  const silent = (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const result = await waitUntilReady(silent, { withinMs: 600, signal: never })
  expect(result.outcome).toBe('late')
  expect(result.history.at(-1)?.why).toMatch(/no answer within \d+ ms/)
})

test('a probe that throws is an answer, not a crash', async () => {
  let tries = 0
  const result = await waitUntilReady(
    async () => {
      if (tries++ === 0) throw new Error('broken frame')
      return { ready: true }
    },
    { withinMs: 5_000, signal: never },
  )
  expect(result.history[0]?.why).toBe('broken frame')
})

test('an aborted wait rejects with the reason', async () => {
  const stop = new AbortController()
  const waiting = waitUntilReady(async () => ({ ready: false, why: 'not yet' }), { withinMs: 60_000, signal: stop.signal })
  stop.abort(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
})
