// The options of kind `kafka` after validation; the schema in schema.ts produces exactly this. Types only.

/** How a topic's records are made or read; product.md section "Seeding", README "Seeds". */
export type KafkaSeed =
  | {
      readonly from: 'file'
      /** Absolute path. */
      readonly file: string
      /** Form of the file; by default from its ending (.ndjson/.jsonl envelope, .csv, .json = json-array, else lines). */
      readonly as: 'ndjson' | 'csv' | 'value' | 'lines' | 'json-array'
      /** Field of the value that becomes the key (json-array, csv, ndjson values). */
      readonly key?: string
    }
  | {
      readonly from: 'generator'
      readonly count: number
      /** Ms between record timestamps. */
      readonly everyMs: number
      /** Seed of the pseudo-random numbers: same seed, same records. */
      readonly seed: number
      /** Template of the key, or undefined for none. */
      readonly key?: string
      /** Template of the value: a string, or an object whose strings are templates. */
      readonly value: unknown
    }

export interface KafkaTopic {
  readonly partitions: number
  readonly replicas: number
  readonly config: Readonly<Record<string, string>>
  readonly seed?: KafkaSeed
}

export interface KafkaOptions {
  /** Exact version from the catalogue: `4.3.1`. */
  readonly version: string
  readonly mode: 'kraft' | 'zookeeper'
  readonly brokers: number
  /** Dedicated controllers; 0 = combined. Always 0 in zookeeper mode. */
  readonly controllers: 0 | 1 | 3 | 5
  readonly tuning: 'dev' | 'stock'
  /** First published port, brokers count up from it; undefined = chosen. */
  readonly port?: number
  readonly config: Readonly<Record<string, string>>
  /** JVM heap of a broker, e.g. `256m`; undefined = by tuning. */
  readonly heap?: string
  /** Rack of each broker, round robin. */
  readonly racks: readonly string[]
  readonly topics: Readonly<Record<string, KafkaTopic>>
  /** Name of the zookeeper service, resolved (mode zookeeper only). */
  readonly zookeeper?: string
}

/** Port names of Kafka nodes. `client`: the HOST listener, published. `internal`: the container listener (containers only). `controller`: controllers and combined nodes. */
export const KAFKA_PORTS = { client: 'client', internal: 'internal', controller: 'controller' } as const

/** `NodeSpec.facts` of a Kafka node. */
export interface KafkaFacts {
  readonly nodeId: number
  readonly clusterId: string
  readonly mode: 'kraft' | 'zookeeper'
  readonly version: string
}
