import { expect, test } from 'vitest'
import { DevclusterError } from '../errors.ts'
import type { ClusterEvent } from '../model/event.ts'
import type { Plan, Step } from '../model/plan.ts'
import { delay } from '../util/async.ts'
import { apply, criticalPath } from './apply.ts'
import { createEmitter } from './emit.ts'

function step(id: string, needs: readonly string[] = []): Step {
  return { id, op: { do: 'start', node: id, rejoin: false }, because: 'new', needs, changes: true }
}

function planOf(...steps: readonly Step[]): Plan {
  return { cluster: 'c', steps }
}

const never = new AbortController().signal
const quiet = createEmitter('c', undefined)

test('a step runs only after everything it needs, independent ones side by side', async () => {
  const log: string[] = []
  await apply(
    planOf(step('c', ['a', 'b']), step('a'), step('b')),
    async ({ id }) => {
      log.push(`${id} begins`)
      await delay(5)
      log.push(`${id} ends`)
      return {}
    },
    quiet,
    never,
  )
  expect(log.slice(0, 2).sort()).toEqual(['a begins', 'b begins'])
  expect(log.slice(4)).toEqual(['c begins', 'c ends'])
})

test('the first failure aborts running steps, starts no others and is the one thrown', async () => {
  const events: ClusterEvent[] = []
  const started: string[] = []
  let aborted = false
  const running = apply(
    planOf(step('slow'), step('bad'), step('later', ['bad'])),
    async ({ id }, signal) => {
      started.push(id)
      if (id === 'bad') throw new DevclusterError('START_FAILED', 'bad could not be started', { node: 'bad' })
      await delay(60_000, signal).catch((error: unknown) => {
        aborted = true
        throw error
      })
      return {}
    },
    createEmitter('c', (event) => events.push(event)),
    never,
  )
  await expect(running).rejects.toMatchObject({ code: 'START_FAILED', node: 'bad' })
  expect(aborted).toBe(true)
  expect(started).toEqual(['slow', 'bad'])
  expect(events.filter((event) => event.state === 'failed').map((event) => event.step)).toEqual(['bad'])
})

test('an interrupt becomes ABORTED once everything has settled', async () => {
  const stop = new AbortController()
  const running = apply(
    planOf(step('slow')),
    async (_, signal) => {
      await delay(60_000, signal)
      return {}
    },
    quiet,
    stop.signal,
  )
  stop.abort(new Error('SIGINT'))
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
})

test('a reporter that throws breaks nothing', async () => {
  const emit = createEmitter('c', () => {
    throw new Error('EPIPE')
  })
  await expect(apply(planOf(step('a')), async () => ({}), emit, never)).resolves.toHaveLength(1)
})

test('the critical path is the chain that ended last', () => {
  const path = criticalPath([
    { id: 'fetch', fromMs: 0, toMs: 10, needs: [] },
    { id: 'a', fromMs: 10, toMs: 50, needs: ['fetch'] },
    { id: 'b', fromMs: 10, toMs: 90, needs: ['fetch'] },
    { id: 'all', fromMs: 90, toMs: 100, needs: ['a', 'b'] },
  ])
  expect(path.map(({ id }) => id)).toEqual(['fetch', 'b', 'all'])
})
