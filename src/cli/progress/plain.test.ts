// Plain lines: one per change of a node, throttled while something is fetched; and every event must be one of the shipped schema.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { ClusterEvent, EventBody } from '../../model/event.ts'
import { createPaint } from '../io.ts'
import { plainProgress } from './plain.ts'

function watched(verbose = false) {
  const lines: string[] = []
  let time = 0
  const progress = plainProgress({ note: (line) => void lines.push(line), errPaint: createPaint(false) }, { verbose, now: () => time })
  const send = (at: number, body: EventBody) => {
    time = at
    progress.report({ v: 1, at, cluster: 'shop-1', ...body })
  }
  return { lines, send }
}

test('a node has a line when it starts and one with its time when it is ready', () => {
  const { lines, send } = watched()
  send(0, { type: 'node', node: 'events-1', state: 'starting' })
  send(5, { type: 'node', node: 'events-1', state: 'running' })
  send(1_500, { type: 'node', node: 'events-1', state: 'ready', ms: 1_495 })
  expect(lines).toEqual(['events-1 starting', 'events-1 ready 1.5 s'])
})

test('a download must not flood the log', () => {
  const { lines, send } = watched()
  send(0, { type: 'step', step: 'fetch events', state: 'started' })
  for (let at = 10; at <= 10_000; at += 10)
    send(at, {
      type: 'step',
      step: 'fetch events',
      state: 'progress',
      message: 'jars',
      progress: { done: at * 1_000, total: 10_000_000, unit: 'bytes' },
    })
  send(10_001, { type: 'step', step: 'fetch events', state: 'done', ms: 10_001 })
  expect(lines.length).toBe(6)
  expect(lines[0]).toBe('fetch events: jars: 2.0 MB of 10.0 MB (20 %)')
  expect(lines.at(-1)).toBe('fetch events done 10.0 s')
})

test('what is over soon has no half lines, also where no step was begun', () => {
  const { lines, send } = watched()
  const amount = {
    type: 'step',
    step: 'seed events',
    state: 'progress',
    message: 'orders',
    progress: { done: 1, unit: 'records' },
  } as const
  send(5_000, amount)
  send(6_900, amount)
  expect(lines).toEqual([])
  send(7_100, amount)
  expect(lines).toEqual(['seed events: orders: 1 records'])
})

test('a step that only looks is told with --verbose alone', () => {
  const quiet = watched()
  const loud = watched(true)
  for (const { send } of [quiet, loud]) send(0, { type: 'step', step: 'usable events', state: 'progress', message: 'no leader yet' })
  expect(quiet.lines).toEqual([])
  expect(loud.lines).toEqual(['usable events: no leader yet'])
})

test('a warning is always told', () => {
  const { lines, send } = watched()
  send(0, { type: 'warning', node: 'events-1', message: 'slow' })
  expect(lines).toEqual(['warning events-1: slow'])
})

test('the shipped schema must take the forms of events and refuse others', () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(new URL('../../../schema/event.schema.json', import.meta.url), 'utf8')))
  const base = { v: 1, at: 1, cluster: 'shop-1' } as const
  const good: ClusterEvent[] = [
    { ...base, type: 'plan', state: 'changes', data: { steps: [] } },
    { ...base, type: 'step', step: 'start events-1', state: 'failed', error: { code: 'START_FAILED', message: 'no' } },
    { ...base, type: 'step', step: 'seed events', state: 'progress', progress: { done: 1, total: 2, unit: 'records' } },
    { ...base, type: 'node', node: 'events-1', state: 'ready', ms: 3 },
    { ...base, type: 'warning', message: 'careful' },
    { ...base, type: 'result', state: 'ok', ms: 12 },
  ]
  for (const event of good) expect(schema.safeParse(event).success, event.type).toBe(true)
  const bad = [
    { ...base, type: 'node', state: 'ready' },
    { ...base, type: 'step', state: 'done' },
    { ...base, type: 'result', state: 'perhaps' },
    { ...base, v: 2, type: 'plan' },
    { ...base, type: 'log' },
    { v: 1, at: 1, type: 'plan' },
  ]
  for (const event of bad) expect(schema.safeParse(event).success, JSON.stringify(event)).toBe(false)
})
