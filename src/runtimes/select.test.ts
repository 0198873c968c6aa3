import { expect, test } from 'vitest'
import { DevclusterError } from '../errors.ts'
import type { Runtime } from '../model/runtime.ts'
import { selectRuntime } from './select.ts'

const never = () => Promise.reject(new Error('not part of this test'))
function runtime(name: 'docker' | 'process', check: Runtime['check']): Runtime {
  const empty = {
    place: never,
    observe: never,
    list: never,
    fetch: never,
    start: never,
    stop: never,
    freeze: never,
    thaw: never,
    remove: never,
    exec: never,
    stats: never,
    destroy: never,
  }
  return { ...empty, name, via: name === 'docker' ? 'container' : 'process', check, logs: () => nothing(), exits: () => nothing() }
}
async function* nothing(): AsyncGenerator<never> {}

const fine = (name: 'docker' | 'process') => () =>
  Promise.resolve(runtime(name, () => Promise.resolve({ name, description: name, remote: false })))
const refusing = (name: 'docker' | 'process', error: Error) => () => Promise.resolve(runtime(name, () => Promise.reject(error)))
const absent = new DevclusterError('RUNTIME_UNAVAILABLE', 'no container engine answers; tried x', { hint: 'start it' })
const signal = new AbortController().signal

test('auto takes containers when an engine answers', async () => {
  const { runtime: chosen, because } = await selectRuntime('auto', { docker: fine('docker'), process: never }, signal)
  expect([chosen.name, because]).toEqual(['docker', 'a container engine answers'])
})

test('auto takes processes when none does, and says why', async () => {
  const { runtime: chosen, because } = await selectRuntime('auto', { docker: refusing('docker', absent), process: fine('process') }, signal)
  expect([chosen.name, because]).toEqual(['process', 'no container engine answers; tried x'])
})

test('auto does not wait long for an engine that hangs', async () => {
  const hanging = () =>
    Promise.resolve(
      runtime('docker', (aborted) => new Promise((_resolve, reject) => aborted.addEventListener('abort', () => reject(aborted.reason)))),
    )
  const begun = performance.now()
  const { runtime: chosen, because } = await selectRuntime('auto', { docker: hanging, process: fine('process') }, signal)
  expect([chosen.name, because]).toEqual(['process', 'no container engine answers within 1 s'])
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test('a wanted engine that is not there is the engine’s own error', async () => {
  await expect(selectRuntime('docker', { docker: refusing('docker', absent), process: fine('process') }, signal)).rejects.toBe(absent)
})

test('with neither runtime both reasons are told', async () => {
  const noProcess = new DevclusterError('RUNTIME_UNAVAILABLE', 'no process may be started', { hint: 'ask' })
  await expect(
    selectRuntime('auto', { docker: refusing('docker', absent), process: refusing('process', noProcess) }, signal),
  ).rejects.toMatchObject({
    code: 'RUNTIME_UNAVAILABLE',
    message: 'no container engine answers; tried x; and processes cannot be used either: no process may be started',
  })
})

test('a failure that is no absence is not hidden by auto', async () => {
  await expect(
    selectRuntime('auto', { docker: refusing('docker', new TypeError('a bug')), process: fine('process') }, signal),
  ).rejects.toThrow('a bug')
})

test('an abort is an abort', async () => {
  const abort = new AbortController()
  abort.abort(new Error('enough'))
  await expect(selectRuntime('auto', { docker: refusing('docker', absent), process: fine('process') }, abort.signal)).rejects.toThrow(
    'enough',
  )
})
