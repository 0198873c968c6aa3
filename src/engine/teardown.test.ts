import { expect, test } from 'vitest'
import { createFakeRuntime } from '../../test/helpers/fake-runtime.ts'
import { node } from '../../test/helpers/nodes.ts'
import type { EventBody } from '../model/event.ts'
import { stopNode } from './teardown.ts'

const ref = { id: 'c-1', name: 'c', stateDir: '/nowhere', bind: '127.0.0.1', mirrors: {} }

test('a stop tells when it begins and when it is over, a kill when it is over', async () => {
  const runtime = createFakeRuntime()
  const toy = node('toy-1')
  for (const [style, told] of [
    ['graceful', [{ state: 'stopping' }, { state: 'stopped' }]],
    ['kill', [{ state: 'stopped', because: 'killed' }]],
  ] as const) {
    await runtime.start(ref, toy, new AbortController().signal)
    const events: EventBody[] = []
    await stopNode(runtime, ref, toy, { style, emit: (body) => void events.push(body) })
    expect(runtime.isRunning('c-1', 'toy-1')).toBe(false)
    expect(events).toEqual(told.map((event) => ({ type: 'node', node: 'toy-1', ...event })))
  }
})
