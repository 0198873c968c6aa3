// `devcluster seed` and `devcluster reset`: declared things and records again; back to the seeded state without a restart.
import { DevclusterError } from '../../errors.ts'
import { connectCluster } from '../../index.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { targetOf } from '../target.ts'

export const run: Run = (call) =>
  act(call, async (onEvent) => {
    const cluster = await connectCluster(await targetOf(call), { onEvent })
    const unknown = call.args.find((name) => !cluster.services.some((service) => service.name === name))
    if (unknown !== undefined) {
      throw new DevclusterError('NODE_NOT_FOUND', `${cluster.id} has no service ${unknown}`, {
        hint: `services: ${cluster.services.map((service) => service.name).join(', ')}`,
      })
    }
    const options = { signal: call.signal, services: call.args }
    const summaries =
      call.command.name === 'reset' ? await cluster.reset(options) : await cluster.seed({ ...options, fresh: call.flags.on('fresh') })
    const lines = Object.entries(summaries).flatMap(([service, summary]) => summary.done.map((line) => `${service}: ${line}`))
    return { cluster: cluster.id, data: { services: summaries }, text: lines.length === 0 ? 'nothing to do' : lines.join('\n') }
  })
