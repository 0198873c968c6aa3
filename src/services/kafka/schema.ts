// What a file may say about a Kafka service, and the defaults. What needs the rest of the cluster or the catalogue's lists is in check.ts.
import { z } from 'zod'
import { defaultVersion, KAFKA_VERSIONS, lineOf, resolveVersion } from './catalogue.ts'
import type { KafkaOptions } from './options.ts'
import { configMap, topicInput, toTopic } from './schema-topics.ts'

const version = z
  .union([
    z.string(),
    // YAML reads an unquoted 4.0 as the number 4, and 4.10 as 4.1.
    z.number().refine((value) => !Number.isInteger(value), { error: 'Put the version in quotes: YAML reads 4.0 as the number 4.' }),
  ])
  .transform(String)
  .describe(
    `A line (newest patch of it) or an exact version. Known: ${KAFKA_VERSIONS.join(', ')}. Default: the newest whose broker, tools, Connect and image all exist.`,
  )

const racks = z
  .union([z.array(z.string()), z.record(z.string().regex(/^(?:.*-)?[1-9]$/, 'Keys are brokers: 1, 2 or kafka-1, kafka-2.'), z.string())])
  .describe('Rack of each broker: a list that is dealt round robin, or a map from broker (1, 2, ... or kafka-1, ...) to rack.')

const input = z.strictObject({
  version: version.optional(),
  mode: z.enum(['kraft', 'zookeeper']).default('kraft').describe('How the cluster keeps its metadata. zookeeper needs a 3.x version.'),
  brokers: z.int().min(1).max(9).default(1).describe('Number of brokers.'),
  controllers: z
    .union([z.literal('combined'), z.literal(1), z.literal(3), z.literal(5)])
    .optional()
    .describe(
      'Dedicated controllers, or combined: brokers are controllers too. Default: combined for one broker, else 1, which starts and stops faster.',
    ),
  tuning: z.enum(['dev', 'stock']).default('dev').describe("dev: measured development values; stock: Kafka's own defaults."),
  port: z
    .union([z.literal('auto'), z.int().min(1).max(65535)])
    .default('auto')
    .describe('First published port; brokers count up from it. auto: chosen, and kept.'),
  config: configMap.default({}).describe('Settings of server.properties for every node; they win over everything that devcluster sets.'),
  heap: z
    .string()
    .regex(/^[1-9]\d*[kmgKMG]$/, 'A heap is a number with k, m or g: 256m.')
    .optional()
    .describe('JVM heap of a broker, such as 512m.'),
  racks: racks.default([]),
  topics: z
    .record(z.string(), topicInput)
    .default({})
    .describe('Topics to create: { partitions, replicas, config, seed }, or "partitions:replicas[:cleanup.policy]".'),
  zookeeper: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the zookeeper service (mode zookeeper). Default: the only one, else one is added.'),
})

function rackList(given: z.output<typeof racks>, brokers: number): string[] {
  if (Array.isArray(given)) return given
  const byNumber = new Map(Object.entries(given).map(([broker, rack]) => [Number(broker.at(-1)), rack]))
  if (byNumber.size === 0) return []
  return Array.from({ length: brokers }, (_, i) => byNumber.get(i + 1) ?? '')
}

/** Options of kind `kafka`: strict, with defaults; the output is {@link KafkaOptions}. An unknown version stays as written for check.ts to report. */
export const kafkaSchema = input.transform((given, context): KafkaOptions => {
  const { mode, brokers, controllers, port, heap, zookeeper } = given
  if (mode === 'zookeeper' && controllers !== undefined) {
    context.addIssue({ code: 'custom', path: ['controllers'], message: 'There are no controllers in mode zookeeper: remove this line.' })
  }
  if (mode === 'kraft' && zookeeper !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['zookeeper'],
      message: 'Only mode zookeeper uses a ZooKeeper service: add mode: zookeeper or remove this line.',
    })
  }
  const wanted = given.version ?? defaultVersion(mode)
  const dedicated = controllers === 'combined' ? 0 : (controllers ?? (brokers === 1 ? 0 : 1))
  return {
    version: resolveVersion(wanted) ?? wanted,
    mode,
    brokers,
    controllers: mode === 'zookeeper' ? 0 : dedicated,
    tuning: given.tuning,
    ...(port === 'auto' ? {} : { port }),
    config: given.config,
    ...(heap === undefined ? {} : { heap }),
    racks: rackList(given.racks, brokers),
    topics: Object.fromEntries(Object.entries(given.topics).map(([name, topic]) => [name, toTopic(topic, brokers)])),
    ...(zookeeper === undefined ? {} : { zookeeper }),
  }
})

/** Lines and versions, for messages. */
export const KNOWN_VERSIONS = [...new Set(KAFKA_VERSIONS.flatMap((exact) => [lineOf(exact), exact]))]
