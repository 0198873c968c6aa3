// Commands that services bring along (`topics`, `produce`, `consume`): finds the service that has the action, hands it the streams.
import { DevclusterError } from '../../errors.ts'
import { type Cluster, connectCluster } from '../../index.ts'
import type { ServiceAction, ServiceContext } from '../../model/service.ts'
import type { Call, Run } from '../command.ts'
import { targetOf } from '../target.ts'

export const run: Run = async (call) => {
  const cluster = await connectCluster(await targetOf(call))
  const { action, context } = find(cluster, call)
  const { io } = call
  return action(context, {
    args: [...call.args, ...call.rest],
    flags: call.flags.record(),
    signal: call.signal,
    stdin: io.stdin,
    write: io.out,
    note: io.note,
    json: call.flags.on('json'),
  })
}

function find(cluster: Cluster, call: Call): { action: ServiceAction; context: ServiceContext } {
  const name = call.command.name
  const wanted = call.flags.text('service')
  const able = cluster.services.flatMap((service) => {
    const { context, definition } = cluster.service(service.name)
    const action = definition.actions?.[name]
    return action ? [{ service: service.name, action, context }] : []
  })
  const found = wanted === undefined ? able[0] : able.find((candidate) => candidate.service === wanted)
  if (found) return found
  if (able.length === 0)
    throw new DevclusterError('USAGE', `no service of ${cluster.name} has ${name}`, {
      hint: `services: ${cluster.services.map((service) => service.name).join(', ')}`,
    })
  throw new DevclusterError('NODE_NOT_FOUND', `${wanted ?? ''} is no service with ${name}`, {
    hint: `one of ${able.map((candidate) => candidate.service).join(', ')}`,
  })
}
