// The complete server.properties of a node as data, each value with its origin. Order: derived, tuning, the file; the last one wins.
import type { Explained } from '../../../model/node.ts'
import { formatAddress } from '../../../model/placement.ts'
import type { RenderContext } from '../../../model/service.ts'
import type { NodeShape } from '../../../model/shape.ts'
import { kafkaArtifacts } from '../catalogue.ts'
import type { KafkaOptions } from '../options.ts'
import { nodeNumber } from '../shape.ts'
import { zookeeperName } from '../zookeeper-name.ts'
import { listenerSettings, quorumVoters } from './listeners.ts'
import { devTuning } from './tuning.ts'

type Entry = readonly [key: string, value: string, why: string]

const ROLES: Readonly<Record<string, string>> = { broker: 'broker', combined: 'broker,controller', controller: 'controller' }

/** Kafka's own defaults want three brokers: with fewer, internal topics could not be created at all (INVALID_REPLICATION_FACTOR). */
function internalTopics(options: KafkaOptions): Entry[] {
  const replicas = Math.min(3, options.brokers)
  const inSync = String(replicas >= 3 ? 2 : 1)
  const factor = [
    String(replicas),
    `at most 3, and there ${options.brokers === 1 ? 'is 1 broker' : `are ${options.brokers} brokers`}`,
  ] as const
  const minimum = [
    inSync,
    replicas >= 3 ? 'two of three copies, so that one broker may be away' : 'one copy must do with fewer than three brokers',
  ] as const
  return [
    ['offsets.topic.replication.factor', ...factor],
    ['transaction.state.log.replication.factor', ...factor],
    ['transaction.state.log.min.isr', ...minimum],
    ...(kafkaArtifacts(options.version).configs.broker.includes('share.coordinator.state.topic.replication.factor')
      ? ([
          ['share.coordinator.state.topic.replication.factor', ...factor],
          ['share.coordinator.state.topic.min.isr', ...minimum],
        ] as const)
      : []),
  ]
}

/** `host:port,...` of the ZooKeeper ensemble with the service's own chroot, so that several Kafka services may share it. */
function zookeeperConnect(context: RenderContext<KafkaOptions>): string {
  const name = zookeeperName(context.service.options, context.cluster.services)
  const members = context.shapes.filter((shape) => shape.service === name)
  const hosts = members.flatMap((shape) => {
    const client = context.placement[shape.id]?.ports['client']
    return client ? [formatAddress(client.peer)] : []
  })
  return `${hosts.join(',')}/${context.service.name}`
}

function derived(node: NodeShape, context: RenderContext<KafkaOptions>, dataDir: string): Entry[] {
  const { options } = context.service
  const number = String(nodeNumber(node))
  const identity: Entry[] =
    options.mode === 'kraft'
      ? [
          ['process.roles', ROLES[node.role] ?? 'broker', 'mode kraft'],
          ['node.id', number, 'the index of the node (controllers count from 101)'],
          ['controller.quorum.voters', quorumVoters(context), 'every voter of the quorum'],
        ]
      : [
          ['broker.id', number, 'the index of the node'],
          ['zookeeper.connect', zookeeperConnect(context), 'the ensemble, below a node of its own'],
        ]
  const rack =
    node.role === 'controller' || options.racks.length === 0 ? '' : (options.racks[(node.index - 1) % options.racks.length] ?? '')
  return [
    ...identity,
    ...listenerSettings(node, context),
    ['log.dirs', dataDir, 'the data directory of the node'],
    ...(rack === '' ? [] : ([['broker.rack', rack, 'racks, round robin']] as const)),
    ...internalTopics(options),
  ]
}

/** Every property of the node, sorted by origin, one entry per key. */
export function serverProperties(node: NodeShape, context: RenderContext<KafkaOptions>, dataDir: string): Explained[] {
  const { options } = context.service
  const merged = new Map<string, Explained>()
  for (const [setting, value, why] of derived(node, context, dataDir)) merged.set(setting, { setting, value, origin: 'derived', why })
  if (options.tuning === 'dev') {
    for (const { key, value, why } of devTuning(options)) merged.set(key, { setting: key, value, origin: 'tuning', why })
  }
  for (const [setting, value] of Object.entries(options.config)) {
    merged.delete(setting)
    merged.set(setting, { setting, value, origin: 'file', why: 'config: in the cluster file' })
  }
  return [...merged.values()]
}
