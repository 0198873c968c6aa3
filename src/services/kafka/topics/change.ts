// Sends what topics/diff.ts decided: creates topics, adds partitions, alters settings, deletes. The broker's refusals become SEED_CONFLICT in its own words.
import { DevclusterError } from '../../../errors.ts'
import { delay } from '../../../util/async.ts'
import { metadata } from '../wire/api/metadata.ts'
import { alterTopicConfigs, createPartitions, createTopics, deleteTopics, type ItemResult, type NewTopic } from '../wire/api/topics.ts'
import type { Api } from '../wire/api.ts'
import type { KafkaClient } from '../wire/client.ts'
import { ERROR, errorName, isRetriable } from '../wire/errors.ts'
import type { TopicChanges } from './diff.ts'

const WITHIN_MS = 60_000
const RETRY_MS = 50

/** Asks the controller; one that has just moved is looked for again. */
async function ask<Q, R extends ItemResult>(
  client: KafkaClient,
  api: Api<Q, readonly R[]>,
  request: Q,
  signal: AbortSignal,
): Promise<readonly R[]> {
  const deadline = performance.now() + WITHIN_MS
  for (;;) {
    const results = await client.controller(api, request)
    if (!results.some((result) => result.errorCode === ERROR.notController) || performance.now() > deadline) return results
    client.forgetController()
    await delay(RETRY_MS, signal)
  }
}

function refused(what: string, result: ItemResult, hint: string): DevclusterError {
  return new DevclusterError(
    'SEED_CONFLICT',
    `${what} ${result.name}: ${result.message ?? errorName(result.errorCode)} (${errorName(result.errorCode)})`,
    { hint },
  )
}

/**
 * Creates topics; their ids by name. A name whose deletion is still under way (ZooKeeper mode deletes in the background) and errors that pass are tried again.
 * @throws DevclusterError SEED_CONFLICT when the broker refuses
 */
export async function create(
  client: KafkaClient,
  topics: readonly NewTopic[],
  options: { deleted: ReadonlySet<string>; signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  const deadline = performance.now() + WITHIN_MS
  let left = topics
  while (left.length > 0) {
    const results = await ask(client, createTopics, { topics: left }, options.signal)
    const again = new Set<string>()
    for (const result of results) {
      const mayStillBeDeleted = result.errorCode === ERROR.topicAlreadyExists && options.deleted.has(result.name)
      if (result.errorCode === ERROR.none) ids.set(result.name, result.id)
      else if ((mayStillBeDeleted || isRetriable(result.errorCode)) && performance.now() < deadline) again.add(result.name)
      // Someone else made it in between (an application that creates its topics): it is there, which is what was wanted.
      else if (result.errorCode === ERROR.topicAlreadyExists) continue
      else throw refused('topic', result, 'correct the topic in the cluster file')
    }
    left = left.filter((topic) => again.has(topic.name))
    if (left.length > 0) await delay(RETRY_MS, options.signal)
  }
  return ids
}

/** Deletes topics; one that is not there is fine. */
export async function remove(client: KafkaClient, names: readonly string[], signal: AbortSignal): Promise<void> {
  if (names.length === 0) return
  for (const result of await ask(client, deleteTopics, { names }, signal)) {
    if (result.errorCode === ERROR.none || result.errorCode === ERROR.unknownTopicOrPartition) continue
    throw refused('cannot delete topic', result, 'delete.topic.enable must not be false where topics are to be recreated')
  }
}

/** Deletes and creates again; the new ids by name. */
export async function recreate(
  client: KafkaClient,
  topics: readonly NewTopic[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  await remove(
    client,
    topics.map((topic) => topic.name),
    signal,
  )
  return create(client, topics, { deleted: new Set(topics.map((topic) => topic.name)), signal })
}

/**
 * Adds partitions and alters settings; what was done, a line each.
 * @throws DevclusterError SEED_CONFLICT
 */
export async function alter(
  client: KafkaClient,
  changes: Pick<TopicChanges, 'partitions' | 'configs'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const done: string[] = []
  if (changes.partitions.length > 0) {
    for (const result of await ask(client, createPartitions, { topics: changes.partitions }, signal)) {
      if (result.errorCode !== ERROR.none)
        throw refused('topic', result, 'partitions cannot be taken away: devcluster reset makes all declared topics anew')
      const change = changes.partitions.find((one) => one.name === result.name)
      done.push(`topic ${result.name}: ${change?.from} -> ${change?.count} partitions`)
    }
  }
  if (changes.configs.length > 0) {
    for (const result of await ask(client, alterTopicConfigs, { topics: changes.configs }, signal)) {
      if (result.errorCode !== ERROR.none) throw refused('topic', result, 'correct the config of the topic in the cluster file')
      const settings = changes.configs.find((one) => one.name === result.name)?.changes ?? []
      done.push(
        `topic ${result.name}: ${settings.map(({ key, value }) => (value === null ? `${key} back to the default` : `${key}=${value}`)).join(', ')}`,
      )
    }
  }
  return done
}

/** Names of all topics that are there and not Kafka's own. */
export async function ordinaryTopics(client: KafkaClient): Promise<readonly string[]> {
  const { topics } = await client.any(metadata, { topics: null })
  return topics.filter((topic) => !topic.internal && !topic.name.startsWith('__')).map((topic) => topic.name)
}
