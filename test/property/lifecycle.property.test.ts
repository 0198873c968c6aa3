// The promises of the life cycle over random histories, on the in-memory runtime: a plan after apply is empty; whatever was interrupted,
// `up` repairs it or `down` leaves nothing; a failed up removes what it created and nothing else.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { destroyCluster, planCluster, startCluster } from '../../src/cluster.ts'
import { isDevclusterError } from '../../src/errors.ts'
import type { ServiceDefinition } from '../../src/model/service.ts'
import { changesSomething, orderedSteps } from '../../src/plan/format.ts'
import { createFakeRuntime, type FakeRuntime } from '../helpers/fake-runtime.ts'
import { toy } from '../helpers/toy-services.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-property-'))
  process.env['DEVCLUSTER_HOME'] = home
})
afterEach(() => {
  delete process.env['DEVCLUSTER_HOME']
  rmSync(home, { recursive: true, force: true })
})

/** The toy, judged by the fake runtime instead of a socket; remembers what was seeded into which incarnation. */
function toyOn(runtime: FakeRuntime): ServiceDefinition {
  return {
    ...toy,
    readyWithinMs: 2_000,
    probe: (node, context) => async () =>
      runtime.isRunning(context.cluster.id, node.id) ? { ready: true } : { ready: false, why: `${node.id} does not run` },
    seeding: {
      declares: (service) => service.options.message !== undefined,
      check: async () => undefined,
      apply: async (context) => {
        const message = String(context.service.options.message)
        if (context.memory.get('message')?.['text'] === message) return { done: [], records: 0 }
        await context.memory.put('message', { text: message })
        return { done: [`put ${message}`], records: 1 }
      },
      reset: async () => ({ done: [], records: 0 }),
    },
  }
}

interface Wanted {
  readonly nodes: number
  readonly message?: string
  readonly labels: Record<string, string>
}

const wanted = fc.record(
  {
    nodes: fc.integer({ min: 1, max: 5 }),
    message: fc.constantFrom('a', 'b'),
    labels: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2')),
  },
  { requiredKeys: ['nodes', 'labels'] },
)

type Act =
  | { readonly do: 'up'; readonly wanted: Wanted }
  | { readonly do: 'interrupted up'; readonly wanted: Wanted; readonly at: number }
  | { readonly do: 'kill'; readonly node: number }
  | { readonly do: 'freeze'; readonly node: number }
  | { readonly do: 'forget state' }

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('up' as const), wanted }),
  fc.record({ do: fc.constant('interrupted up' as const), wanted, at: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('kill' as const), node: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('freeze' as const), node: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('forget state' as const) }),
)

const ID = 'history-00000001'

function world() {
  const runtime = createFakeRuntime()
  const options = {
    id: ID,
    persistent: true,
    recreate: true,
    warm: false,
    services: [toyOn(runtime)],
    runtimes: { docker: async () => runtime, process: async () => runtime },
  }
  const source = (want: Wanted) => ({ name: 'history', services: { toy: { ...want } } })
  return { runtime, options, source }
}

async function perform(step: Act, { runtime, options, source }: ReturnType<typeof world>): Promise<void> {
  switch (step.do) {
    case 'up':
      await startCluster(source(step.wanted), options)
      return
    case 'interrupted up': {
      const stop = new AbortController()
      const from = runtime.operations.length
      runtime.failures = {
        before: (_operation, _node, n) => {
          if (n - from === step.at) stop.abort(new Error('interrupted'))
        },
      }
      try {
        await startCluster(source(step.wanted), { ...options, signal: stop.signal })
      } catch (error) {
        if (!isDevclusterError(error) || error.code !== 'ABORTED') throw error
      } finally {
        runtime.failures = {}
      }
      return
    }
    case 'kill':
      runtime.die(ID, `toy-${step.node}`, { code: null, signal: 'SIGKILL' })
      return
    case 'freeze': {
      const ref = { id: ID, name: 'history', stateDir: home, bind: '127.0.0.1', mirrors: {} }
      const observed = await runtime.observe(ref)
      const node = observed.nodes[`toy-${step.node}`]
      if (node) await runtime.freeze(ref, { id: node.id } as Parameters<FakeRuntime['freeze']>[1])
      return
    }
    case 'forget state':
      rmSync(join(home, 'clusters', ID), { recursive: true, force: true })
  }
}

describe('over random histories', () => {
  test('a plan after apply is empty, and its steps are ordered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 6 }), wanted, async (history, last) => {
        const here = world()
        for (const step of history) await perform(step, here)
        await startCluster(here.source(last), here.options)
        const { plan } = await planCluster(here.source(last), here.options)
        expect(changesSomething(plan)).toBe(false)
        const order = orderedSteps(plan).map((step) => step.id)
        for (const step of plan.steps) for (const need of step.needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(step.id))
        const before = here.runtime.operations.length
        await startCluster(here.source(last), here.options)
        expect(here.runtime.operations.slice(before)).toEqual([])
        await destroyCluster({ id: ID }, here.options)
        expect(here.runtime.left()).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('down after any history leaves nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 6 }), async (history) => {
        const here = world()
        for (const step of history) await perform(step, here)
        await destroyCluster({ id: ID }, here.options)
        expect(here.runtime.left()).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('an up that fails leaves what was there before, and only that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 2 }), async (first, added) => {
        const here = world()
        if (first > 0) await startCluster(here.source({ nodes: first, labels: {} }), here.options)
        const before = here.runtime.left().filter((entry) => !entry.startsWith('data '))
        here.runtime.failures = { diesWith: { [`toy-${first + added}`]: 3 } }
        await expect(startCluster(here.source({ nodes: first + added, labels: {} }), here.options)).rejects.toMatchObject({
          code: 'NODE_EXITED',
          node: `toy-${first + added}`,
        })
        here.runtime.failures = {}
        expect(here.runtime.left().filter((entry) => !entry.startsWith('data '))).toEqual(before)
        await destroyCluster({ id: ID }, here.options)
        expect(here.runtime.left()).toEqual([])
      }),
      { numRuns: 30 },
    )
  })
})
