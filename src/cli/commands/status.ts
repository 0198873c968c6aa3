// `devcluster status`: what runs and whether it is usable. Exit 6 when it is not.
import type { ClusterStatus } from '../../lifecycle/status.ts'
import type { Run } from '../command.ts'
import { formatStatus } from '../format/status.ts'
import { locate } from '../hot/locate.ts'
import { proveReady } from '../hot/prove.ts'
import { show } from '../json.ts'

const NOT_READY = 6

export const run: Run = async (call) => {
  const stored = await locate(call)
  const hot = stored?.ready ? await proveReady(stored, call.signal) : undefined
  const status = hot ?? (await ask(call))
  await show(call, status, () => formatStatus(status, call.io.outPaint))
  return status.ready ? 0 : NOT_READY
}

const ask = async (call: Parameters<Run>[0]): Promise<ClusterStatus> => {
  const [{ connectCluster }, { targetOf }] = await Promise.all([import('../../index.ts'), import('../target.ts')])
  return (await connectCluster(await targetOf(call))).status({ signal: call.signal })
}
