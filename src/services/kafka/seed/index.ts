// Seeding of kind kafka: declared topics and their records. check.ts-like work is done by reading the seeds through without sending.
import { DevclusterError } from '../../../errors.ts'
import type { SeedContext, Seeding, SeedSummary } from '../../../model/service.ts'
import { mapLimit } from '../../../util/async.ts'
import { brokerAddresses, brokerNames } from '../members.ts'
import type { KafkaOptions } from '../options.ts'
import { create, ordinaryTopics, remove } from '../topics/change.ts'
import { awaitGone, awaitServed } from '../topics/serve.ts'
import type { TopicInfo } from '../wire/api/metadata.ts'
import { KafkaClient } from '../wire/client.ts'
import { WireError } from '../wire/errors.ts'
import { declareTopics, newTopic } from './declare.ts'
import { deleteAllGroups } from './groups.ts'
import { loadTopic } from './load.ts'
import { forget, remember } from './memory.ts'
import { compileGenerator } from './readers/generator.ts'
import { recordsOf } from './source.ts'

/** Topics seeded at the same time: many small ones wait for round trips, few large ones for the disk. */
const TOPICS_AT_ONCE = 4
const REPORT_EVERY_MS = 100

async function withClient<T>(context: SeedContext<KafkaOptions>, use: (client: KafkaClient) => Promise<T>): Promise<T> {
  const client = new KafkaClient(brokerAddresses(context.nodes), context.signal)
  try {
    return await use(client)
  } catch (error) {
    context.signal.throwIfAborted()
    if (!(error instanceof WireError)) throw error
    throw new DevclusterError('SEED_FAILED', `${context.service.name}: ${error.message}`, {
      hint: 'run the same command again: what was sent in part is made anew',
      cause: error,
    })
  } finally {
    await client.close()
  }
}

async function load(client: KafkaClient, context: SeedContext<KafkaOptions>, topics: ReadonlyMap<string, TopicInfo>): Promise<SeedSummary> {
  const seeded = Object.entries(context.service.options.topics).filter(([, topic]) => topic.seed)
  const loaded = await mapLimit(seeded, TOPICS_AT_ONCE, async ([name, topic]) => {
    const info = topics.get(name)
    return info ? loadTopic(client, topic, info, context) : { done: [], records: 0 }
  })
  return { done: loaded.flatMap(({ done }) => done), records: loaded.reduce((sum, { records }) => sum + records, 0) }
}

export const kafkaSeeding: Seeding<KafkaOptions> = {
  declares: (service) => Object.keys(service.options.topics).length > 0,

  check: async (service, { signal, report }) => {
    for (const [name, topic] of Object.entries(service.options.topics)) {
      if (topic.seed?.from === 'generator') {
        compileGenerator(name, topic.seed)
        continue
      }
      let done = 0
      let told = performance.now()
      for await (const records of recordsOf(name, topic, signal) ?? []) {
        done += records.length
        if (performance.now() - told < REPORT_EVERY_MS) continue
        told = performance.now()
        report({ what: `checking the seed of ${name}`, done, unit: 'records' })
      }
    }
  },

  apply: (context) =>
    withClient(context, async (client) => {
      const { done, topics } = await declareTopics(client, context)
      const loaded = await load(client, context, topics)
      return { done: [...done, ...loaded.done], records: loaded.records }
    }),

  reset: (context) =>
    withClient(context, async (client) => {
      const { signal, memory } = context
      const declared = context.service.options.topics
      const present = await ordinaryTopics(client)
      const undeclared = present.filter((name) => !Object.hasOwn(declared, name))
      const [groups] = await Promise.all([deleteAllGroups(client, context.warn, signal), remove(client, present, signal)])
      const fresh = Object.entries(declared).map(([name, topic]) => newTopic(name, topic))
      const ids = await create(client, fresh, { deleted: new Set(present), signal })
      // All at once is one write to the disk.
      await Promise.all(
        fresh.map(({ name, config }) => {
          const id = ids.get(name)
          return id === undefined ? forget(memory, name) : remember(memory, name, { id, created: true, keys: Object.keys(config) })
        }),
      )
      const expected = fresh.map(({ name, partitions }) => ({ name, partitions, id: ids.get(name), fresh: true }))
      const [topics] = await Promise.all([
        awaitServed(client, expected, brokerNames(context.nodes), signal),
        awaitGone(client, undeclared, signal),
      ])
      const loaded = await load(client, context, topics)
      const done = [
        ...fresh.map(({ name }) => `recreated topic ${name}`),
        ...undeclared.map((name) => `deleted topic ${name}`),
        ...groups.map((group) => `deleted group ${group}`),
        ...loaded.done,
      ]
      return { done, records: loaded.records }
    }),
}
