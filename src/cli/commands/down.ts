// `devcluster down`: removes nodes and data, says what, and is content when nothing runs; an id that is named must exist. Needs no readable cluster file.
import { readSummary } from '../../engine/look.ts'
import { DevclusterError } from '../../errors.ts'
import { suggest } from '../../util/suggest.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { targetOf } from '../target.ts'
import { durationOf } from '../values.ts'

export const run: Run = async (call) => {
  const keepData = call.flags.on('keep-data')
  const lockTimeoutMs = durationOf('timeout', call.flags.text('timeout'))
  const [id] = call.args
  if (id !== undefined && call.flags.on('id')) throw new DevclusterError('USAGE', 'down takes one id, not two')
  const { destroyCluster } = await import('../../index.ts')
  return act(call, async (onEvent) => {
    const target = id === undefined ? await targetOf(call) : { id }
    const result = await destroyCluster(target, { keepData, onEvent, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) })
    const named = id ?? call.flags.text('id')
    if (named !== undefined && result.removed.length === 0 && !(await readSummary(named))) throw await notFound(named)
    const text =
      result.removed.length === 0
        ? `${result.id}: nothing to remove`
        : [`${result.id}: removed`, ...result.removed.map((thing) => `  ${thing}`)].join('\n')
    return { cluster: result.id, data: { removed: result.removed }, text: keepData ? `${text}\nits data is kept` : text }
  })
}

async function notFound(id: string): Promise<DevclusterError> {
  const { listClusters } = await import('../../index.ts')
  const near = suggest(
    id,
    (await listClusters()).map((cluster) => cluster.id),
  )
  return new DevclusterError('CLUSTER_NOT_FOUND', `no cluster ${id} here`, {
    hint: near === undefined ? 'devcluster ps lists what exists' : `did you mean ${near}? devcluster ps lists what exists`,
  })
}
