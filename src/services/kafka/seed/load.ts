// Sends a topic's seed, once per incarnation and content.
import type { SeedContext } from '../../../model/service.ts'
import { grouped } from '../../../util/grouped.ts'
import type { KafkaOptions, KafkaTopic } from '../options.ts'
import { offsetsOf } from '../topics/serve.ts'
import type { TopicInfo } from '../wire/api/metadata.ts'
import { OFFSET_AT } from '../wire/api/records.ts'
import { describeTopicConfigs, type TopicConfig } from '../wire/api/topics.ts'
import type { KafkaClient } from '../wire/client.ts'
import { makeProducer } from '../wire/producer.ts'
import { recall, remember, type TopicMemory } from './memory.ts'
import { hashOf, recordsOf } from './source.ts'

/** Kafka's default for max.message.bytes. */
const DEFAULT_MAX_BYTES = 1_048_588
const REPORT_EVERY_MS = 100

export interface Loaded {
  readonly done: readonly string[]
  readonly records: number
}

/** Sends the seed of one topic unless it is already there. */
export async function loadTopic(
  client: KafkaClient,
  topic: KafkaTopic,
  info: TopicInfo,
  context: SeedContext<KafkaOptions>,
): Promise<Loaded> {
  const { name } = info
  const { signal, memory, warn } = context
  const { seed } = topic
  if (!seed) return { done: [], records: 0 }
  const known: TopicMemory = recall(memory, name) ?? { id: info.id, created: false, keys: Object.keys(topic.config) }
  const hash = await hashOf(seed, signal)
  if (known.id === info.id && known.seed?.hash === hash && known.seed.state === 'done') return { done: [], records: 0 }
  const appended = known.id === info.id && known.seed !== undefined
  if (appended)
    warn(
      `the seed of topic ${name} has changed: its records are appended to those that are there (devcluster seed --fresh recreates the topic)`,
    )
  const held = known.created || appended ? 0 : await heldRecords(client, info)
  if (held > 0) warn(`topic ${name} already holds ${grouped(held)} records that devcluster did not send: the seed is appended to them`)
  // A topic found empty may be made anew after an interrupted seeding, whoever created it: it holds nothing but the seed.
  const base = { id: info.id, created: known.created || (!appended && held === 0), keys: known.keys }
  await remember(memory, name, { ...base, seed: { hash, state: 'started', records: 0 } })
  const records = await sendRecords(client, topic, info, context)
  await remember(memory, name, { ...base, seed: { hash, state: 'done', records } })
  return { done: [`${grouped(records)} ${records === 1 ? 'record' : 'records'} into ${name}`], records }
}

async function heldRecords(client: KafkaClient, info: TopicInfo): Promise<number> {
  const [ends, beginnings] = await Promise.all([offsetsOf(client, [info], OFFSET_AT.end), offsetsOf(client, [info], OFFSET_AT.beginning)])
  const sum = (answers: readonly { offset: number }[]) => answers.reduce((total, { offset }) => total + Math.max(0, offset), 0)
  return sum(ends) - sum(beginnings)
}

/** Epoch ms before which Kafka deletes a record by its timestamp; -Infinity where it does not. */
function oldestKept(settings: TopicConfig | undefined): number {
  const retentionMs = Number(settings?.entries.get('retention.ms')?.value ?? -1)
  const deletes = settings?.entries.get('cleanup.policy')?.value?.includes('delete') ?? false
  return deletes && retentionMs >= 0 ? Date.now() - retentionMs : Number.NEGATIVE_INFINITY
}

async function sendRecords(client: KafkaClient, topic: KafkaTopic, info: TopicInfo, context: SeedContext<KafkaOptions>): Promise<number> {
  const { name } = info
  const { signal, report } = context
  const records = recordsOf(name, { ...topic, partitions: info.partitions.length }, signal)
  if (!records) return 0
  const [settings] = await client.any(describeTopicConfigs, {
    names: [name],
    keys: ['max.message.bytes', 'retention.ms', 'cleanup.policy'],
  })
  const total = topic.seed?.from === 'generator' ? topic.seed.count : undefined
  let acknowledged = 0
  let told = 0
  const tell = () => {
    told = performance.now()
    report({
      what: `${name} (${grouped(acknowledged)}${total === undefined ? '' : ` of ${grouped(total)}`} records)`,
      done: acknowledged,
      unit: 'records',
      ...(total === undefined ? {} : { total }),
    })
  }
  const producer = await makeProducer(client, {
    topic: name,
    partitions: info.partitions.length,
    compression: 'none',
    maxBatchBytes: Number(settings?.entries.get('max.message.bytes')?.value ?? DEFAULT_MAX_BYTES),
    signal,
    onAcknowledged: (more) => {
      acknowledged += more
      if (performance.now() - told > REPORT_EVERY_MS) tell()
    },
  })
  const keptFrom = oldestKept(settings)
  let tooOld = 0
  for await (const some of records) {
    for (const { timestamp } of some) if (timestamp !== undefined && timestamp < keptFrom) tooOld++
    await producer.send(some)
  }
  await producer.flush()
  tell()
  if (tooOld > 0) {
    context.warn(
      `${grouped(tooOld)} records of topic ${name} carry timestamps older than its retention: Kafka will delete them (config: { retention.ms: -1 } keeps them)`,
    )
  }
  return acknowledged
}
