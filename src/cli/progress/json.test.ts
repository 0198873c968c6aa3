import { expect, test } from 'vitest'
import type { EventBody } from '../../model/event.ts'
import { jsonProgress } from './json.ts'

function watched() {
  const lines: string[] = []
  const progress = jsonProgress({
    out: (text) => {
      lines.push(String(text))
      return Promise.resolve()
    },
  })
  const send = (at: number, body: EventBody) => progress.report({ v: 1, at, cluster: 'shop-1', ...body })
  return { send, progress, events: () => lines.map((line) => JSON.parse(line)) }
}

const amount = (step: string, done: number): EventBody => ({ type: 'step', step, state: 'progress', progress: { done, unit: 'bytes' } })

test('amounts come a few times a second, and the last before what ends the step', () => {
  const { send, events } = watched()
  send(0, { type: 'step', step: 'fetch', state: 'started' })
  for (let at = 1; at <= 1_000; at++) send(at, amount('fetch', at))
  send(1_001, { type: 'step', step: 'fetch', state: 'done' })
  expect(events().map(({ state, progress }) => progress?.done ?? state)).toEqual(['started', 1, 201, 401, 601, 801, 1_000, 'done'])
})

test('one step does not silence another, and changed answers, nodes and warnings are never held', () => {
  const { send, events } = watched()
  send(0, amount('fetch', 1))
  send(1, amount('seed', 1))
  send(2, { type: 'step', step: 'usable', state: 'progress', message: 'no leader' })
  send(3, { type: 'step', step: 'usable', state: 'progress', message: 'no coordinator' })
  send(4, { type: 'node', node: 'toy-1', state: 'ready' })
  expect(events().map(({ at }) => at)).toEqual([0, 1, 2, 3, 4])
})

test('what is held when all ends is told', async () => {
  const { send, progress, events } = watched()
  send(0, amount('fetch', 1))
  send(1, amount('fetch', 2))
  await progress.end(false)
  expect(events().at(-1)).toMatchObject({ progress: { done: 2 } })
})
