// When a service is asked to help a node in: only one that was started on data it had, until that node is ready, and never to the harm of the wait.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeRuntime } from '../../test/helpers/fake-runtime.ts'
import { toy } from '../../test/helpers/toy-services.ts'
import { startCluster } from '../cluster.ts'
import type { ServiceDefinition } from '../model/service.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-rejoin-'))
  process.env['DEVCLUSTER_HOME'] = home
})
afterEach(() => {
  delete process.env['DEVCLUSTER_HOME']
  rmSync(home, { recursive: true, force: true })
})

/** Two toys on the fake runtime; a node is ready when `isReady` says so. */
function world(help: NonNullable<ServiceDefinition['whileRejoining']>, isReady: (node: string) => boolean = () => true) {
  const runtime = createFakeRuntime()
  const warnings: string[] = []
  const definition: ServiceDefinition = {
    ...toy,
    readyWithinMs: 5_000,
    whileRejoining: help,
    probe: (node, context) => async () =>
      runtime.isRunning(context.cluster.id, node.id) && isReady(node.id) ? { ready: true } : { ready: false, why: 'not yet' },
  }
  const up = () =>
    startCluster(
      { name: 'rejoin', services: { toy: { nodes: 2 } } },
      {
        id: 'rejoin-1',
        persistent: true,
        warm: false,
        services: [definition],
        runtimes: { docker: async () => runtime, process: async () => runtime },
        onEvent: (event) => {
          if (event.type === 'warning') warnings.push(event.message ?? '')
        },
      },
    )
  return { runtime, up, warnings }
}

test('a node that was killed is helped, a new one and one that runs are not', async () => {
  const helped: string[] = []
  const { up } = world(async (node, context) => {
    helped.push(`${node.id} since ${context.startedAt?.has(node.id)}`)
  })
  const cluster = await up()
  expect(helped).toEqual([])
  await cluster.node('toy-2').kill()
  await up()
  expect(helped).toEqual(['toy-2 since true'])
  await cluster.node('toy-1').restart()
  expect(helped).toEqual(['toy-2 since true', 'toy-1 since true'])
})

test('help that makes a node ready ends the wait, and is itself ended', async () => {
  let isIn = true
  let ended = false
  const { up } = world(
    async (_, __, ___, signal) => {
      isIn = true
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      ended = true
    },
    () => isIn,
  )
  const cluster = await up()
  await cluster.node('toy-1').kill()
  isIn = false
  await cluster.node('toy-1').start()
  expect(ended).toBe(true)
})

test('help that fails is a warning', async () => {
  const { up, warnings } = world(() => Promise.reject(new Error('nobody home')))
  const cluster = await up()
  await cluster.node('toy-1').kill()
  await cluster.node('toy-1').start()
  expect(warnings).toEqual(['toy-1 could not be helped in (nobody home); it may take longer'])
})
