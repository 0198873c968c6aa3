// An `up` with nothing to do: the same inputs as the last one, and every node proves that it is usable. Node's built-ins only.
import { sameInputs } from '../../config/inputs.ts'
import { lockFile, readSummary } from '../../engine/state.ts'
import type { ClusterSummary } from '../../engine/summary.ts'
import type { ClusterStatus } from '../../lifecycle/status.ts'
import { tryLock } from '../../util/lock.ts'
import { VERSION } from '../../version.ts'
import type { Call } from '../command.ts'
import { inputsOf, locate, rootsOf } from './locate.ts'
import { proveReady } from './prove.ts'

/** Flags that demand no work: any other takes the whole way. */
const HARMLESS = [
  'file',
  'id',
  'set',
  'profile',
  'runtime',
  'json',
  'verbose',
  'quiet',
  'no-color',
  'pull',
  'timeout',
  'wait',
  'keep-on-failure',
  'skip-unsupported',
]

/** The cluster and its status when there is nothing to do; undefined sends the caller the whole way. */
export async function upHot(call: Call): Promise<{ stored: ClusterSummary; status: ClusterStatus } | undefined> {
  const { flags, io } = call
  if (call.args.length > 0 || !flags.only(HARMLESS) || flags.text('pull') === 'always') return undefined
  const stored = await locate(call)
  if (!stored?.ready || stored.owner || stored.writtenBy !== VERSION) return undefined
  const inputs = inputsOf(stored)
  // A cluster stays on its runtime: not naming it again, or naming that very one, changes nothing.
  const named = flags.text('runtime')
  const runtime = named === undefined || named === 'auto' || named === stored.runtime ? (inputs?.runtime ?? undefined) : named
  const same =
    inputs &&
    sameInputs(inputs, io.env, {
      roots: rootsOf(call),
      sets: flags.list('set'),
      profiles: flags.list('profile'),
      runtime,
    })
  if (!same) return undefined
  const status = await proveReady(stored, call.signal)
  if (!status) return undefined
  // Someone may be changing it right now: then the whole way waits its turn.
  const attempt = await tryLock(lockFile(stored.id))
  if ('holder' in attempt) return undefined
  await attempt.lock.release()
  return (await readSummary(stored.id))?.ready ? { stored, status } : undefined
}
