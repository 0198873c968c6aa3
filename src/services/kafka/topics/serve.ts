// Waits until topics serve: every broker knows them by their present id with a leader for each partition, and the leaders answer ListOffsets.
import { DevclusterError } from '../../../errors.ts'
import { delay } from '../../../util/async.ts'
import { metadata, type TopicInfo } from '../wire/api/metadata.ts'
import { listOffsets, OFFSET_AT } from '../wire/api/records.ts'
import type { KafkaClient } from '../wire/client.ts'
import { errorName, WireError } from '../wire/errors.ts'

const WITHIN_MS = 60_000
const EVERY_MS = 10
const TRY_MS = 5000

/** A topic that must serve. */
export interface Expected {
  readonly name: string
  readonly partitions: number
  /** The id every broker must know; undefined: any. */
  readonly id: string | undefined
  /** Freshly created: all replicas must be in sync. */
  readonly fresh: boolean
}

/** What waiting needs of a client. */
export type Asks = Pick<KafkaClient, 'brokers' | 'send'>

/**
 * Metadata of the topics, once they serve. Each broker is asked until it is done and then left alone, and about each partition only until it has
 * answered once: creating replicas is hard work for the brokers, and whoever asks for everything again and again takes part of their time.
 * @throws DevclusterError SEED_FAILED when they do not within a minute, with what is missing where
 */
export async function awaitServed(
  client: Asks,
  expected: readonly Expected[],
  names: ReadonlyMap<number, string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TopicInfo>> {
  if (expected.length === 0) return new Map()
  const deadline = performance.now() + WITHIN_MS
  const done = new Map<number, ReadonlyMap<string, TopicInfo>>()
  const answered = new Set<string>()
  for (;;) {
    const open = [...client.brokers.keys()].filter((id) => !done.has(id))
    const whys = await Promise.all(
      open.map((id) => askOnce(client, id, { expected, node: names.get(id) ?? `broker ${id}`, done, answered })),
    )
    let why = whys.find((one) => one !== undefined)
    if (why === undefined) {
      const [first] = done.values()
      const missed = first && [...first.values()].flatMap(partitionsOf).find((partition) => !answered.has(partition))
      if (first && missed === undefined) return first
      // A leader that moved while they were asked: each took the other for it.
      why = missed === undefined ? 'there is no broker' : `no broker says that it leads ${missed}`
      done.clear()
    }
    signal.throwIfAborted()
    if (performance.now() > deadline) {
      throw new DevclusterError('SEED_FAILED', `topics do not serve within ${WITHIN_MS / 1000} s: ${why}`, {
        hint: 'devcluster status shows which broker is missing; its log says why',
      })
    }
    await delay(EVERY_MS, signal)
  }
}

interface Waiting {
  readonly expected: readonly Expected[]
  /** The broker's name in messages. */
  readonly node: string
  /** Brokers that know all topics and answered for all they lead, with their metadata. */
  readonly done: Map<number, ReadonlyMap<string, TopicInfo>>
  /** Partitions whose leader has answered, as partitionsOf names them. */
  readonly answered: Set<string>
}

/** One broker: what it knows, and ListOffsets for what it says it leads. Notes what it proves; what it lacks, or undefined when nothing. */
async function askOnce(client: Asks, id: number, { expected, node, done, answered }: Waiting): Promise<string | undefined> {
  try {
    const found = await view(client, id, expected)
    if (typeof found === 'string') return `${node}: topic ${found}`
    const led = new Map<string, number[]>()
    for (const topic of found.values()) {
      const indexes = topic.partitions.flatMap(({ leader, index }) => (leader === id && !answered.has(nameOf(topic, index)) ? [index] : []))
      if (indexes.length > 0) led.set(topic.name, indexes)
    }
    const answers = led.size === 0 ? [] : await client.send(id, listOffsets, { at: OFFSET_AT.end, topics: led }, TRY_MS)
    let why: string | undefined
    for (const { topic, partition, errorCode } of answers) {
      const info = found.get(topic)
      if (errorCode !== 0) why ??= `the leader of ${topic}-${partition} answers ${errorName(errorCode)}`
      else if (info) answered.add(nameOf(info, partition))
    }
    if (why === undefined) done.set(id, found)
    return why
  } catch (error) {
    if (error instanceof WireError) return `${node}: ${error.message}`
    throw error
  }
}

/** A partition of one incarnation of a topic. */
function nameOf(topic: TopicInfo, index: number): string {
  return `${topic.name}-${index} (${topic.id})`
}

function partitionsOf(topic: TopicInfo): string[] {
  return topic.partitions.map(({ index }) => nameOf(topic, index))
}

/** Resolves when no broker lists any of these topics. @throws DevclusterError SEED_FAILED when one still does after a minute */
export async function awaitGone(client: KafkaClient, gone: readonly string[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + WITHIN_MS
  while (gone.length > 0) {
    const answers = await Promise.all([...client.brokers.keys()].map((id) => client.send(id, metadata, { topics: null }, TRY_MS)))
    const still = gone.find((name) => answers.some(({ topics }) => topics.some((topic) => topic.name === name)))
    if (still === undefined) return
    if (performance.now() > deadline) throw new DevclusterError('SEED_FAILED', `topic ${still} is still there a minute after its deletion`)
    await delay(EVERY_MS, signal)
  }
}

/** One broker's metadata of the topics, or what is missing in it. */
async function view(client: Asks, id: number, expected: readonly Expected[]): Promise<ReadonlyMap<string, TopicInfo> | string> {
  const { topics } = await client.send(id, metadata, { topics: expected.map((topic) => topic.name) }, TRY_MS)
  const found = new Map(topics.map((topic) => [topic.name, topic]))
  for (const topic of expected) {
    const why = lacks(found.get(topic.name), topic)
    if (why !== undefined) return `${topic.name} ${why}`
  }
  return found
}

function lacks(found: TopicInfo | undefined, expected: Expected): string | undefined {
  if (!found || found.errorCode !== 0) return `is not known yet (${found ? errorName(found.errorCode) : 'absent'})`
  if (expected.id !== undefined && found.id !== expected.id) return 'is still the deleted one'
  if (found.partitions.length < expected.partitions) return `has ${found.partitions.length} of ${expected.partitions} partitions`
  for (const partition of found.partitions) {
    if (partition.leader < 0) return `has no leader for partition ${partition.index}`
    if (expected.fresh && partition.isr.length < partition.replicas.length) {
      return `has ${partition.isr.length} of ${partition.replicas.length} replicas in sync in partition ${partition.index}`
    }
  }
  return undefined
}

/** ListOffsets at the leaders of all partitions of these topics, one request per leader. */
export async function offsetsOf(client: KafkaClient, topics: readonly TopicInfo[], at: number) {
  const byLeader = new Map<number, Map<string, number[]>>()
  for (const topic of topics) {
    for (const { leader, index } of topic.partitions) {
      const ofLeader = byLeader.get(leader) ?? new Map<string, number[]>()
      byLeader.set(leader, ofLeader)
      const indexes = ofLeader.get(topic.name)
      if (indexes) indexes.push(index)
      else ofLeader.set(topic.name, [index])
    }
  }
  const answers = await Promise.all(
    [...byLeader].map(([leader, wanted]) => client.send(leader, listOffsets, { at, topics: wanted }, TRY_MS)),
  )
  return answers.flat()
}
