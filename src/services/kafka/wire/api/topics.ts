// CreateTopics, DeleteTopics, CreatePartitions, DescribeConfigs, IncrementalAlterConfigs.
import type { Api } from '../api.ts'
import type { Reader } from '../reader.ts'

/** Result of one item of an administrative request. */
export interface ItemResult {
  readonly name: string
  readonly errorCode: number
  readonly message: string | null
}

const CONTROLLER_TIMEOUT_MS = 30_000

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
}

export const createTopics: Api<{ readonly topics: readonly NewTopic[] }, readonly (ItemResult & { readonly id: string })[]> = {
  name: 'CreateTopics',
  key: 19,
  version: 7,
  write: (w, { topics }) => {
    w.array(topics, (topic) => {
      w.string(topic.name).int32(topic.partitions).int16(topic.replicas)
      w.array([], () => undefined)
      w.array(Object.entries(topic.config), ([name, value]) => w.string(name).nullableString(value).tags())
      w.tags()
    })
    w.int32(CONTROLLER_TIMEOUT_MS).bool(false)
  },
  read: (r) => {
    r.int32()
    return r.array(() => {
      const name = r.string()
      const id = r.uuid()
      const result = { name, id, errorCode: r.int16(), message: r.nullableString() }
      r.int32()
      r.int16()
      r.array(() => {
        r.string()
        r.nullableString()
        r.bool()
        r.int8()
        r.bool()
        r.tags()
      })
      r.tags()
      return result
    })
  },
}

export const deleteTopics: Api<{ readonly names: readonly string[] }, readonly ItemResult[]> = {
  name: 'DeleteTopics',
  key: 20,
  version: 6,
  write: (w, { names }) => {
    w.array(names, (name) => w.nullableString(name).uuid('').tags())
    w.int32(CONTROLLER_TIMEOUT_MS)
  },
  read: (r) => {
    r.int32()
    return r.array(() => {
      const name = r.string()
      r.uuid()
      const result = { name, errorCode: r.int16(), message: r.nullableString() }
      r.tags()
      return result
    })
  },
}

export const createPartitions: Api<
  { readonly topics: readonly { readonly name: string; readonly count: number }[] },
  readonly ItemResult[]
> = {
  name: 'CreatePartitions',
  key: 37,
  version: 3,
  write: (w, { topics }) => {
    w.array(topics, ({ name, count }) =>
      w
        .string(name)
        .int32(count)
        .nullableArray(null, () => undefined)
        .tags(),
    )
    w.int32(CONTROLLER_TIMEOUT_MS).bool(false)
  },
  read: (r) => {
    r.int32()
    return r.array(() => {
      const result = { name: r.string(), errorCode: r.int16(), message: r.nullableString() }
      r.tags()
      return result
    })
  },
}

/** Config resource types of the protocol. */
const TOPIC_RESOURCE = 2

/** Config source DYNAMIC_TOPIC_CONFIG: set on the topic itself. */
const SET_ON_TOPIC = 1

export interface TopicConfig extends ItemResult {
  readonly entries: ReadonlyMap<string, { readonly value: string | null; readonly setOnTopic: boolean }>
}

export const describeTopicConfigs: Api<
  { readonly names: readonly string[]; readonly keys: readonly string[] | null },
  readonly TopicConfig[]
> = {
  name: 'DescribeConfigs',
  key: 32,
  version: 4,
  write: (w, { names, keys }) => {
    w.array(names, (name) => {
      w.int8(TOPIC_RESOURCE).string(name)
      w.nullableArray(keys, (key) => w.string(key))
      w.tags()
    })
    w.bool(false).bool(false)
  },
  read: (r) => {
    r.int32()
    return r.array(() => {
      const errorCode = r.int16()
      const message = r.nullableString()
      r.int8()
      const name = r.string()
      const entries = new Map(r.array(() => configEntry(r)))
      r.tags()
      return { name, errorCode, message, entries }
    })
  },
}

function configEntry(r: Reader): [string, { value: string | null; setOnTopic: boolean }] {
  const key = r.string()
  const value = r.nullableString()
  r.bool()
  const source = r.int8()
  r.bool()
  r.array(() => {
    r.string()
    r.nullableString()
    r.int8()
    r.tags()
  })
  r.int8()
  r.nullableString()
  r.tags()
  return [key, { value, setOnTopic: source === SET_ON_TOPIC }]
}

/** `value: null` takes the setting off the topic (back to the broker's default). KIP-339. */
export interface ConfigChange {
  readonly key: string
  readonly value: string | null
}

export const alterTopicConfigs: Api<
  { readonly topics: readonly { readonly name: string; readonly changes: readonly ConfigChange[] }[] },
  readonly ItemResult[]
> = {
  name: 'IncrementalAlterConfigs',
  key: 44,
  version: 1,
  write: (w, { topics }) => {
    w.array(topics, ({ name, changes }) => {
      w.int8(TOPIC_RESOURCE).string(name)
      w.array(changes, ({ key, value }) =>
        w
          .string(key)
          .int8(value === null ? 1 : 0)
          .nullableString(value)
          .tags(),
      )
      w.tags()
    })
    w.bool(false)
  },
  read: (r) => {
    r.int32()
    return r.array(() => {
      const errorCode = r.int16()
      const message = r.nullableString()
      r.int8()
      const name = r.string()
      r.tags()
      return { name, errorCode, message }
    })
  },
}
