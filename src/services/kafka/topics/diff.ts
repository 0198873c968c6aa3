// What must change so that declared topics exist as declared. Pure: decides, sends nothing.
// Fewer partitions are left to the broker to refuse in its own words; another replication factor has no request that could be refused.
import type { KafkaTopic } from '../options.ts'
import type { TopicInfo } from '../wire/api/metadata.ts'
import type { ConfigChange, NewTopic } from '../wire/api/topics.ts'

/** Settings that are set on an existing topic itself. */
export type TopicSettings = ReadonlyMap<string, { readonly value: string | null; readonly setOnTopic: boolean }>

export interface ExistingTopic {
  readonly info: TopicInfo
  readonly settings: TopicSettings
  /** Keys that an earlier version of the file set, and may take back. */
  readonly ownKeys: readonly string[]
}

export interface TopicChanges {
  readonly create: readonly NewTopic[]
  readonly partitions: readonly { readonly name: string; readonly from: number; readonly count: number }[]
  readonly configs: readonly { readonly name: string; readonly changes: readonly ConfigChange[] }[]
  /** Facts that no request can change; each is a sentence. */
  readonly conflicts: readonly string[]
}

/** Compares declared topics with what exists. */
export function diffTopics(declared: Readonly<Record<string, KafkaTopic>>, existing: ReadonlyMap<string, ExistingTopic>): TopicChanges {
  const create: NewTopic[] = []
  const partitions: { name: string; from: number; count: number }[] = []
  const configs: { name: string; changes: ConfigChange[] }[] = []
  const conflicts: string[] = []
  for (const [name, topic] of Object.entries(declared)) {
    const found = existing.get(name)
    if (!found) {
      create.push({ name, partitions: topic.partitions, replicas: topic.replicas, config: topic.config })
      continue
    }
    const from = found.info.partitions.length
    if (from !== topic.partitions) partitions.push({ name, from, count: topic.partitions })
    const replicas = found.info.partitions[0]?.replicas.length
    if (replicas !== undefined && replicas !== topic.replicas) {
      conflicts.push(
        `topic ${name} has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} per partition, the file declares ${topic.replicas}`,
      )
    }
    const changes = diffSettings(topic.config, found)
    if (changes.length > 0) configs.push({ name, changes })
  }
  return { create, partitions, configs, conflicts }
}

function diffSettings(wanted: Readonly<Record<string, string>>, found: ExistingTopic): ConfigChange[] {
  const changes: ConfigChange[] = []
  for (const [key, value] of Object.entries(wanted)) {
    const now = found.settings.get(key)
    if (!now?.setOnTopic || now.value !== value) changes.push({ key, value })
  }
  for (const key of found.ownKeys) {
    if (!(key in wanted) && found.settings.get(key)?.setOnTopic) changes.push({ key, value: null })
  }
  return changes
}
