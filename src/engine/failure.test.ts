import { expect, test } from 'vitest'
import { createFakeRuntime } from '../../test/helpers/fake-runtime.ts'
import { node } from '../../test/helpers/nodes.ts'
import { toy as toyKind } from '../../test/helpers/toy-services.ts'
import type { NodeExit } from '../model/runtime.ts'
import { describeFailure } from './failure.ts'

const ref = { id: 'c-1', name: 'c', stateDir: '/nowhere', bind: '127.0.0.1', mirrors: {} }
const ended: NodeExit = { node: 'toy-1', at: 1, code: 1, signal: null, outOfMemory: false, expected: false }

/** A node that wrote one line and is down when it is asked for. */
async function failureOf(exit: NodeExit, startedAtMs?: number, stays = false) {
  const runtime = createFakeRuntime()
  const toy = node('toy-1')
  const talking = {
    ...runtime,
    logs: async function* () {
      yield { node: 'toy-1', stream: 'stdout' as const, text: 'INFO something' }
    },
  }
  return describeFailure({
    runtime: talking,
    ref,
    node: toy,
    nodes: [toy],
    definition: toyKind,
    code: 'NODE_EXITED',
    waitedMs: 10,
    history: [],
    exit,
    startedAtMs,
    stays,
  })
}

test('a node that devcluster ended itself needs a start, not a log', async () => {
  const killed = await failureOf({ ...ended, code: null, signal: 'SIGKILL', expected: true })
  expect(killed).toMatchObject({
    code: 'NODE_EXITED',
    message: 'toy-1 does not run: devcluster killed it',
    hint: 'devcluster start toy-1, or devcluster up',
    data: { log: [] },
  })
  expect((await failureOf({ ...ended, code: 143, expected: true })).message).toBe('toy-1 does not run: devcluster stopped it')
})

test('a node that was down when asked has a log, and no report', async () => {
  const down = await failureOf(ended)
  expect(down).toMatchObject({ message: 'toy-1 does not run (it ended with exit code 1)', data: { log: ['INFO something'] } })
  expect(down.hint).toMatch(/^devcluster logs toy-1 /)
  expect((await failureOf(ended, 1)).hint).toMatch(/report/)
  expect((await failureOf(ended, 1, true)).hint).toBe('devcluster logs toy-1 shows its log')
})
