// Makes the declared topics exist as declared and serve. Records are load.ts's.
import { DevclusterError } from '../../../errors.ts'
import type { SeedContext } from '../../../model/service.ts'
import { brokerNames } from '../members.ts'
import type { KafkaOptions, KafkaTopic } from '../options.ts'
import { alter, create, recreate } from '../topics/change.ts'
import { diffTopics, type ExistingTopic } from '../topics/diff.ts'
import { awaitServed } from '../topics/serve.ts'
import { metadata, type TopicInfo } from '../wire/api/metadata.ts'
import { describeTopicConfigs, type NewTopic } from '../wire/api/topics.ts'
import type { KafkaClient } from '../wire/client.ts'
import { ERROR, throwOn } from '../wire/errors.ts'
import { recall, remember, type TopicMemory } from './memory.ts'

export interface Declared {
  /** One line per thing done. */
  readonly done: readonly string[]
  /** All declared topics, as they serve now. */
  readonly topics: ReadonlyMap<string, TopicInfo>
}

export function newTopic(name: string, { partitions, replicas, config }: KafkaTopic): NewTopic {
  return { name, partitions, replicas, config }
}

function word(topic: KafkaTopic): string {
  return `${topic.partitions} ${topic.partitions === 1 ? 'partition' : 'partitions'}, ${topic.replicas} ${topic.replicas === 1 ? 'replica' : 'replicas'}`
}

/** Existing ones of the declared topics with their settings. */
async function look(client: KafkaClient, context: SeedContext<KafkaOptions>): Promise<ReadonlyMap<string, ExistingTopic>> {
  const declared = context.service.options.topics
  const { topics } = await client.any(metadata, { topics: Object.keys(declared) })
  const found = topics.filter((topic) => topic.errorCode === ERROR.none)
  const memories = new Map(found.map(({ name }) => [name, recall(context.memory, name)]))
  const keys = new Set(found.flatMap(({ name }) => [...Object.keys(declared[name]?.config ?? {}), ...(memories.get(name)?.keys ?? [])]))
  const settings =
    found.length === 0 || keys.size === 0
      ? []
      : await client.any(describeTopicConfigs, { names: found.map((topic) => topic.name), keys: [...keys] })
  for (const { name, errorCode, message } of settings) throwOn(`DescribeConfigs of ${name}`, errorCode, message)
  return new Map(
    found.map((info) => [
      info.name,
      {
        info,
        settings: settings.find((one) => one.name === info.name)?.entries ?? new Map(),
        ownKeys: memories.get(info.name)?.keys ?? [],
      },
    ]),
  )
}

/** Existing topics that are to be deleted and made anew, each with the reason. */
function toRecreate(context: SeedContext<KafkaOptions>, existing: ReadonlyMap<string, ExistingTopic>): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>()
  for (const [name, topic] of Object.entries(context.service.options.topics)) {
    const found = existing.get(name)
    if (!found || !topic.seed) continue
    const memory = recall(context.memory, name)
    if (context.fresh) reasons.set(name, 'seeded afresh')
    else if (memory?.id === found.info.id && memory.seed?.state === 'started') {
      if (!memory.created) {
        throw new DevclusterError(
          'SEED_CONFLICT',
          `topic ${name} was seeded only in part, and devcluster did not create it: it is not deleted unasked`,
          {
            hint: 'devcluster seed --fresh deletes and recreates it',
          },
        )
      }
      reasons.set(name, 'its seeding was interrupted')
    }
  }
  return reasons
}

/**
 * Creates, recreates and alters until the declared topics are there, and waits until every broker serves them.
 * @throws DevclusterError SEED_CONFLICT, SEED_FAILED
 */
export async function declareTopics(client: KafkaClient, context: SeedContext<KafkaOptions>): Promise<Declared> {
  const { signal, memory } = context
  const declared = context.service.options.topics
  const existing = await look(client, context)
  const again = toRecreate(context, existing)
  const kept = new Map([...existing].filter(([name]) => !again.has(name)))
  const changes = diffTopics(Object.fromEntries(Object.entries(declared).filter(([name]) => !again.has(name))), kept)
  const [conflict] = changes.conflicts
  if (conflict !== undefined) {
    throw new DevclusterError('SEED_CONFLICT', changes.conflicts.join('; '), {
      hint: 'change the file back, or let devcluster reset make all declared topics anew',
      data: { conflicts: [...changes.conflicts] },
    })
  }
  const done: string[] = []
  const created = new Map(await create(client, changes.create, { deleted: new Set(), signal }))
  const anew = [...again.keys()].flatMap((name) => (declared[name] ? [newTopic(name, declared[name])] : []))
  for (const [name, id] of await recreate(client, anew, signal)) created.set(name, id)
  // All at once is one write to the disk.
  await Promise.all(
    [...created].map(([name, id]) => remember(memory, name, { id, created: true, keys: Object.keys(declared[name]?.config ?? {}) })),
  )
  for (const name of created.keys()) {
    const topic = declared[name]
    if (!topic) continue
    const reason = again.get(name)
    done.push(reason === undefined ? `created topic ${name} (${word(topic)})` : `recreated topic ${name} (${reason})`)
  }
  done.push(...(await alter(client, changes, signal)))
  const expected = Object.entries(declared).map(([name, { partitions }]) => ({
    name,
    partitions,
    id: created.get(name),
    fresh: created.has(name),
  }))
  const topics = await awaitServed(client, expected, brokerNames(context.nodes), signal)
  for (const [name, info] of topics) await keepKeys(context, name, info, created.has(name))
  return { done, topics }
}

/** The memory of a topic that was there before: its settings by the file, and its incarnation. */
async function keepKeys(context: SeedContext<KafkaOptions>, name: string, info: TopicInfo, isNew: boolean): Promise<void> {
  if (isNew) return
  const before = recall(context.memory, name)
  const keys = Object.keys(context.service.options.topics[name]?.config ?? {})
  const same = before?.id === info.id
  if (same && before.keys.join() === keys.join()) return
  const next: TopicMemory = same ? { ...before, keys } : { id: info.id, created: false, keys }
  await remember(context.memory, name, next)
}
