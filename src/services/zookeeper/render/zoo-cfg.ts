// The complete zoo.cfg of a member as data, each value with its origin. Order: derived, tuning, the file; the last one wins.
import type { Explained } from '../../../model/node.ts'
import { type Address, formatAddress } from '../../../model/placement.ts'
import type { RenderContext } from '../../../model/service.ts'
import type { NodeShape } from '../../../model/shape.ts'
import type { ZookeeperOptions } from '../options.ts'

type Entry = readonly [key: string, value: string, why: string]

function peerOf(context: RenderContext<ZookeeperOptions>, node: string, port: string): Address {
  const found = context.placement[node]?.ports[port]
  if (!found) throw new Error(`${node} has no address for its port ${port}`)
  return found.peer
}

/** `server.N=host:peer:election` of every member; a single member stands alone and needs none. */
function servers(context: RenderContext<ZookeeperOptions>): Entry[] {
  const members = context.shapes.filter((shape) => shape.service === context.service.name)
  if (members.length === 1) return []
  return members.map((member) => {
    const peer = peerOf(context, member.id, 'peer')
    return [`server.${member.index}`, `${formatAddress(peer)}:${peerOf(context, member.id, 'election').port}`, `address of ${member.id}`]
  })
}

function derived(node: NodeShape, context: RenderContext<ZookeeperOptions>, dataDir: string): Entry[] {
  const client = context.placement[node.id]?.ports['client']
  if (!client) throw new Error(`${node.id} has no address for its port client`)
  const several = context.service.options.members > 1
  return [
    ['dataDir', dataDir, 'the data directory of the node'],
    ['clientPort', String(client.listen.port), 'the address chosen for this node'],
    ['clientPortAddress', client.listen.host, 'the address chosen for this node'],
    ...(several
      ? ([
          ['initLimit', '10', 'ticks a follower may take to join'],
          ['syncLimit', '5', 'ticks a follower may lag'],
        ] as const)
      : []),
    ...servers(context),
    ['admin.enableServer', 'false', 'its fixed port would collide, and its web server costs a third of the start'],
    ['4lw.commands.whitelist', 'srvr,ruok,mntr,stat,conf', 'readiness and monitoring ask with them'],
  ]
}

/** Sessions may be 2 to 20 ticks long: Kafka's 9 s fit. */
const DEV: readonly Entry[] = [
  ['tickTime', '1000', 'sessions as short as 2 s are allowed, and a lost member is noticed sooner'],
  ['maxClientCnxns', '0', 'every client of a development cluster comes from one address'],
  ['preAllocSize', '1024', 'transaction logs grow by 1 MB instead of 64 MB'],
  ['autopurge.purgeInterval', '1', 'old snapshots are removed hourly instead of never'],
  ['forceSync', 'no', 'no fsync for each change: data survives a killed process, not a power cut'],
]

export function zooCfg(node: NodeShape, context: RenderContext<ZookeeperOptions>, dataDir: string): Explained[] {
  const { options } = context.service
  const merged = new Map<string, Explained>()
  const stock: readonly Entry[] = [['tickTime', '2000', "zoo_sample.cfg's value; ZooKeeper itself insists on one"]]
  for (const [setting, value, why] of options.tuning === 'dev' ? DEV : stock)
    merged.set(setting, { setting, value, origin: options.tuning === 'dev' ? 'tuning' : 'default', why })
  for (const [setting, value, why] of derived(node, context, dataDir)) merged.set(setting, { setting, value, origin: 'derived', why })
  for (const [setting, value] of Object.entries(options.config)) {
    merged.delete(setting)
    merged.set(setting, { setting, value, origin: 'file', why: 'config: in the cluster file' })
  }
  return [...merged.values()]
}
