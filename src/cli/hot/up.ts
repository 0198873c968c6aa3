// An `up` with nothing to do: the same inputs as the last one, and every node proves that it is usable. Node's built-ins only.
import { existsSync } from 'node:fs'
import { sameInputs } from '../../config/inputs.ts'
import { lockFile } from '../../engine/look.ts'
import type { ClusterSummary } from '../../engine/summary.ts'
import type { ClusterStatus } from '../../lifecycle/status.ts'
import { VERSION } from '../../version.ts'
import type { Call } from '../command.ts'
import { formatReady } from '../format/ready.ts'
import { toCopy } from '../to-copy.ts'
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
  if (call.hotTried || call.args.length > 0 || !flags.only(HARMLESS) || flags.text('pull') === 'always') return undefined
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
  // Someone may be changing it right now, or has died doing so: then the whole way waits its turn, or recovers.
  if (existsSync(lockFile(stored.id))) return undefined
  const status = await proveReady(stored, call.signal)
  return status && { stored, status }
}

/** Prints what `up` ends with. Exit code 0 when it was printed; undefined when there is something to do. */
export async function upHotCommand(call: Call): Promise<0 | undefined> {
  const began = process.hrtime.bigint()
  const hot = await upHot(call)
  if (!hot) return undefined
  // `performance` would load a dozen modules for this one number.
  const ms = Number((process.hrtime.bigint() - began) / 1_000_000n)
  const { stored, status } = hot
  const standIns = status.nodes.filter((node) => node.standIn).map((node) => node.id)
  const event = {
    v: 1,
    at: Date.now(),
    type: 'result',
    cluster: stored.id,
    state: 'ok',
    ms,
    data: { changed: false, runtime: stored.runtime, env: stored.env.host },
  }
  if (call.flags.on('json'))
    await call.io.out(`${JSON.stringify(event)}
`)
  else if (!call.flags.on('quiet')) {
    const summary = { stored, ms, changed: false, standIns, partly: false }
    await call.io.out(`${formatReady(summary, call.io.outPaint, (suggestion) => toCopy(suggestion, call))}
`)
  }
  return 0
}
