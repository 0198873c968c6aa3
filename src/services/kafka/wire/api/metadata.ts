// Metadata, DescribeQuorum, FindCoordinator, UnregisterBroker: who is there and who leads.
import type { Api } from '../api.ts'
import { throwOn } from '../errors.ts'

export interface BrokerInfo {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionInfo {
  readonly errorCode: number
  readonly index: number
  /** -1: none. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface TopicInfo {
  readonly errorCode: number
  readonly name: string
  /** Base64url as Kafka prints it; empty when unknown. */
  readonly id: string
  readonly internal: boolean
  readonly partitions: readonly PartitionInfo[]
}

export interface MetadataInfo {
  readonly brokers: readonly BrokerInfo[]
  readonly clusterId: string | null
  /** On KRaft a random broker: ask DescribeQuorum. */
  readonly controllerId: number
  readonly topics: readonly TopicInfo[]
}

/** `topics: null` = all of them, `[]` = only the brokers. Never creates a topic. */
export const metadata: Api<{ readonly topics: readonly string[] | null }, MetadataInfo> = {
  name: 'Metadata',
  key: 3,
  version: 12,
  write: (w, { topics }) => {
    w.nullableArray(topics, (name) => w.uuid('').nullableString(name).tags())
    w.bool(false).bool(false)
  },
  read: (r) => {
    r.int32()
    const brokers = r.array(() => {
      const broker = { id: r.int32(), host: r.string(), port: r.int32(), rack: r.nullableString() }
      r.tags()
      return broker
    })
    const clusterId = r.nullableString()
    const controllerId = r.int32()
    const topics = r.array(() => {
      const errorCode = r.int16()
      const name = r.string()
      const id = r.uuid()
      const internal = r.bool()
      const partitions = r.array(() => {
        const partitionError = r.int16()
        const index = r.int32()
        const leader = r.int32()
        r.int32()
        const replicas = r.array(() => r.int32())
        const isr = r.array(() => r.int32())
        r.array(() => r.int32())
        r.tags()
        return { errorCode: partitionError, index, leader, replicas, isr }
      })
      r.int32()
      r.tags()
      return { errorCode, name, id, internal, partitions }
    })
    return { brokers, clusterId, controllerId, topics }
  },
}

export interface QuorumReplica {
  readonly id: number
  readonly logEndOffset: number
  /** Epoch ms by the leader's clock, -1: not since this leader was elected. The leader's own is now. */
  readonly lastFetch: number
}

export interface QuorumInfo {
  /** -1: no leader. */
  readonly leader: number
  readonly epoch: number
  readonly voters: readonly QuorumReplica[]
  readonly observers: readonly QuorumReplica[]
}

/** KIP-595, KIP-836; a broker forwards it to the active controller. */
export const describeQuorum: Api<void, QuorumInfo> = {
  name: 'DescribeQuorum',
  key: 55,
  version: 1,
  write: (w) =>
    w.array(['__cluster_metadata'], (topic) => {
      w.string(topic)
      w.array([0], (partition) => w.int32(partition).tags())
      w.tags()
    }),
  read: (r) => {
    throwOn('DescribeQuorum', r.int16())
    const replicas = () =>
      r.array(() => {
        const replica = { id: r.int32(), logEndOffset: r.int64(), lastFetch: r.int64() }
        r.int64()
        r.tags()
        return replica
      })
    const topics = r.array(() => {
      r.string()
      const partitions = r.array(() => {
        r.int32()
        throwOn('DescribeQuorum', r.int16())
        const leader = r.int32()
        const epoch = r.int32()
        r.int64()
        const info: QuorumInfo = { leader, epoch, voters: replicas(), observers: replicas() }
        r.tags()
        return info
      })
      r.tags()
      return partitions
    })
    return topics[0]?.[0] ?? { leader: -1, epoch: -1, voters: [], observers: [] }
  },
}

export interface CoordinatorInfo {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** Coordinator of a consumer group (KIP-699); asking creates `__consumer_offsets`. */
export const findCoordinator: Api<{ readonly group: string }, CoordinatorInfo> = {
  name: 'FindCoordinator',
  key: 10,
  version: 4,
  write: (w, { group }) => w.int8(0).array([group], (key) => w.string(key)),
  read: (r) => {
    r.int32()
    const [found] = r.array(() => {
      r.string()
      const coordinator = { id: r.int32(), host: r.string(), port: r.int32() }
      throwOn('FindCoordinator', r.int16(), r.nullableString())
      r.tags()
      return coordinator
    })
    return found ?? { id: -1, host: '', port: -1 }
  },
}

/** KIP-631: the controller forgets a broker's registration, so that its next one need not wait for the session to expire. */
export const unregisterBroker: Api<{ readonly id: number }, { readonly errorCode: number; readonly message: string | null }> = {
  name: 'UnregisterBroker',
  key: 64,
  version: 0,
  write: (w, { id }) => w.int32(id),
  read: (r) => {
    r.int32()
    return { errorCode: r.int16(), message: r.nullableString() }
  },
}
