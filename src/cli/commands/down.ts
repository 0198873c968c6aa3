// `devcluster down`: removes nodes and data, says what, and is content when nothing runs. Needs no readable cluster file.
import { DevclusterError } from '../../errors.ts'
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
    const text =
      result.removed.length === 0
        ? `${result.id}: nothing to remove`
        : [`${result.id}: removed`, ...result.removed.map((thing) => `  ${thing}`)].join('\n')
    return { cluster: result.id, data: { removed: result.removed }, text: keepData ? `${text}\nits data is kept` : text }
  })
}
