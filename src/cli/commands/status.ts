// `devcluster status`: what runs and whether it is usable. Exit 6 when it is not.
import type { ClusterStatus } from '../../lifecycle/status.ts'
import type { Call, Run } from '../command.ts'
import { formatStatus } from '../format/status.ts'
import { statusHot } from '../hot/status.ts'
import { show } from '../json.ts'

const NOT_READY = 6

export const run: Run = async (call) => {
  const code = await statusHot(call)
  if (code !== undefined) return code
  const status = await ask(call)
  await show(call, status, () => formatStatus(status, call.io.outPaint))
  return status.ready ? 0 : NOT_READY
}

async function ask(call: Call): Promise<ClusterStatus> {
  const [{ connectCluster }, { targetOf }] = await Promise.all([import('../../index.ts'), import('../target.ts')])
  return (await connectCluster(await targetOf(call))).status({ signal: call.signal })
}
