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

/** Metadata of the topics, once they serve.
 * @throws DevclusterError SEED_FAILED when they do not within a minute, with what is missing where
 */
export async function awaitServed(
  client: KafkaClient,
  expected: readonly Expected[],
  names: ReadonlyMap<number, string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TopicInfo>> {
  if (expected.length === 0) return new Map()
  const deadline = performance.now() + WITHIN_MS
  for (;;) {
    const answers = await Promise.all([...client.brokers.keys()].map((id) => view(client, id, expected, names.get(id) ?? `broker ${id}`)))
    const why = answers.find((answer) => typeof answer === 'string') ?? (await offsetsAnswer(client, answers[0], expected))
    const [first] = answers
    if (why === undefined && first !== undefined && typeof first !== 'string') return first
    signal.throwIfAborted()
    if (performance.now() > deadline) {
      throw new DevclusterError('SEED_FAILED', `topics do not serve within ${WITHIN_MS / 1000} s: ${why ?? 'there is no broker'}`, {
        hint: 'devcluster status shows which broker is missing; its log says why',
      })
    }
    await delay(EVERY_MS, signal)
  }
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
async function view(
  client: KafkaClient,
  id: number,
  expected: readonly Expected[],
  node: string,
): Promise<ReadonlyMap<string, TopicInfo> | string> {
  try {
    const { topics } = await client.send(id, metadata, { topics: expected.map((topic) => topic.name) }, TRY_MS)
    const found = new Map(topics.map((topic) => [topic.name, topic]))
    for (const topic of expected) {
      const why = lacks(found.get(topic.name), topic)
      if (why !== undefined) return `${node}: topic ${topic.name} ${why}`
    }
    return found
  } catch (error) {
    if (error instanceof WireError) return `${node}: ${error.message}`
    throw error
  }
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

/** Undefined when every leader answers for every partition. */
async function offsetsAnswer(
  client: KafkaClient,
  topics: ReadonlyMap<string, TopicInfo> | string | undefined,
  expected: readonly Expected[],
): Promise<string | undefined> {
  if (topics === undefined || typeof topics === 'string') return topics
  try {
    const answers = await offsetsOf(
      client,
      expected.flatMap(({ name }) => topics.get(name) ?? []),
      OFFSET_AT.end,
    )
    const bad = answers.find((answer) => answer.errorCode !== 0)
    return bad && `the leader of ${bad.topic}-${bad.partition} answers ${errorName(bad.errorCode)}`
  } catch (error) {
    if (error instanceof WireError) return error.message
    throw error
  }
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
