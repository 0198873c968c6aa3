// `devcluster port NODE [NAME]`: where a node is reached from the host.
import { DevclusterError } from '../../errors.ts'
import { formatAddress } from '../../model/placement.ts'
import type { Run } from '../command.ts'
import { columns } from '../format/table.ts'
import { requireStored } from '../hot/require.ts'
import { show } from '../json.ts'

export const run: Run = async (call) => {
  const [id = '', name] = call.args
  const { nodes, id: cluster } = await requireStored(call)
  const node = nodes.find((candidate) => candidate.id === id)
  if (!node)
    throw new DevclusterError('NODE_NOT_FOUND', `${cluster} has no node ${id}`, { hint: `nodes: ${nodes.map((one) => one.id).join(', ')}` })
  const published = Object.entries(node.ports).map(([port, address]) => [port, formatAddress(address)] as const)
  const wanted = name === undefined ? published : published.filter(([port]) => port === name)
  if (wanted.length === 0) {
    const known = published.map(([port]) => port).join(', ')
    throw new DevclusterError(
      'NODE_NOT_FOUND',
      name === undefined ? `${id} publishes no port` : `${id} publishes no port ${name}`,
      known === '' ? {} : { hint: `ports: ${known}` },
    )
  }
  await show(call, Object.fromEntries(wanted), () =>
    name === undefined ? columns(wanted) : wanted.map(([, address]) => address).join('\n'),
  )
  return 0
}
