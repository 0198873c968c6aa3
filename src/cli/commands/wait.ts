// `devcluster wait`: until the cluster, a service or a node is usable; also while another devcluster is still bringing it up.
import { lockFile } from '../../engine/look.ts'
import { readStored } from '../../engine/state.ts'
import { DevclusterError } from '../../errors.ts'
import { connectCluster } from '../../index.ts'
import { resolveId } from '../../lifecycle/connect.ts'
import { delay } from '../../util/async.ts'
import { type LockHolder, tryLock } from '../../util/lock.ts'
import { writingState } from '../../util/unwritable.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { targetOf } from '../target.ts'
import { durationOf } from '../values.ts'

const LOOK_EVERY_MS = 100

export const run: Run = (call) => {
  const withinMs = durationOf('timeout', call.flags.text('timeout'))
  return act(call, async (onEvent) => {
    const began = performance.now()
    const id = await resolveId(await targetOf(call))
    await untilNobodyChangesIt(id, withinMs, call.signal)
    const cluster = await connectCluster({ id }, { onEvent })
    const leftMs = withinMs === undefined ? undefined : Math.max(0, withinMs - (performance.now() - began))
    await cluster.wait(call.args[0], { signal: call.signal, ...(leftMs === undefined ? {} : { withinMs: leftMs }) })
    return { cluster: id, text: `${call.args[0] ?? cluster.name} is ready`, data: { target: call.args[0] ?? id } }
  })
}

async function holderOf(id: string): Promise<LockHolder | undefined> {
  const path = lockFile(id)
  const attempt = await writingState(path, () => tryLock(path))
  if ('holder' in attempt) return attempt.holder
  await attempt.lock.release()
  return undefined
}

/** Without a limit a cluster that does not exist is an error at once; with one it may still be made. */
async function untilNobodyChangesIt(id: string, withinMs: number | undefined, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + (withinMs ?? 0)
  for (;;) {
    const holder = await holderOf(id)
    if (!holder && (withinMs === undefined || (await readStored(id)))) return
    if (withinMs !== undefined && performance.now() >= deadline) {
      if (!holder) return
      throw new DevclusterError('NOT_READY', `${id} is still being changed by pid ${holder.pid} (${holder.command})`, {
        hint: 'wait longer with --timeout',
      })
    }
    await delay(LOOK_EVERY_MS, signal)
  }
}
