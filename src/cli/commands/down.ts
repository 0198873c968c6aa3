// `devcluster down`: removes nodes and data, says what, and is content when nothing runs. Needs no readable cluster file.
import { DevclusterError, isDevclusterError } from '../../errors.ts'
import type { ClusterTarget } from '../../lifecycle/connect.ts'
import { act } from '../act.ts'
import type { Call, Run } from '../command.ts'
import { targetOf } from '../target.ts'
import { durationOf } from '../values.ts'

export const run: Run = async (call) => {
  const keepData = call.flags.on('keep-data')
  const lockTimeoutMs = durationOf('timeout', call.flags.text('timeout'))
  const [id] = call.args
  if (id !== undefined && call.flags.on('id')) throw new DevclusterError('USAGE', 'down takes one id, not two')
  const { destroyCluster } = await import('../../index.ts')
  return act(call, async (onEvent) => {
    const target = id === undefined ? await identify(call) : { id }
    const result = await destroyCluster(target, { keepData, onEvent, ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }) })
    const text =
      result.removed.length === 0
        ? `${result.id}: nothing to remove`
        : [`${result.id}: removed`, ...result.removed.map((thing) => `  ${thing}`)].join('\n')
    return { cluster: result.id, data: { removed: result.removed }, text: keepData ? `${text}\nits data is kept` : text }
  })
}

/** The cluster that is meant. A file that cannot be understood does not keep its cluster alive: the folder alone gives the id. */
async function identify(call: Call): Promise<ClusterTarget> {
  const target = await targetOf(call)
  if (target.id !== undefined) return target
  const { resolveId } = await import('../../lifecycle/connect.ts')
  try {
    return { id: await resolveId(target) }
  } catch (error) {
    if (!isDevclusterError(error) || error.code !== 'CONFIG_INVALID') throw error
    const [{ idOfFolder, nameOfFolder }, { rootsOf }, { dirname }] = await Promise.all([
      import('../../config/identity.ts'),
      import('../hot/locate.ts'),
      import('node:path'),
    ])
    const dir = dirname(rootsOf(call)[0] ?? `${call.io.cwd}/none`)
    return { id: idOfFolder(nameOfFolder(dir), dir) }
  }
}
