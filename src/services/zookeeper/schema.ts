// What a file may say about a ZooKeeper service, and the defaults. The plural is `members`, ZooKeeper's own word for the nodes of an ensemble.
import { z } from 'zod'
import { resolveVersion, ZOOKEEPER_VERSIONS } from './catalogue.ts'
import type { ZookeeperOptions } from './options.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)

const input = z.strictObject({
  version: z
    .union([z.string(), z.number().refine((value) => !Number.isInteger(value), { error: 'Put the version in quotes: "3.9".' })])
    .transform(String)
    .optional()
    .describe(`A line (newest patch of it) or an exact version. Known: ${ZOOKEEPER_VERSIONS.join(', ')}.`),
  members: z.int().min(1).max(5).default(1).describe('Number of members of the ensemble; an odd number, as a majority must live.'),
  tuning: z.enum(['dev', 'stock']).default('dev').describe("dev: development values; stock: ZooKeeper's own defaults."),
  port: z
    .union([z.literal('auto'), z.int().min(1).max(65535)])
    .default('auto')
    .describe('First published client port; members count up from it. auto: chosen, and kept.'),
  config: z.record(z.string().min(1), scalar).default({}).describe('Settings of zoo.cfg; they win over what devcluster sets.'),
  heap: z
    .string()
    .regex(/^[1-9]\d*[kmgKMG]$/, 'A heap is a number with k, m or g: 128m.')
    .optional()
    .describe('JVM heap of a member, such as 128m.'),
})

/** Options of kind `zookeeper`: strict, with defaults. An unknown version stays as written for check.ts to report. */
export const zookeeperSchema = input.transform(({ version, members, tuning, port, config, heap }): ZookeeperOptions => {
  const wanted = version ?? ZOOKEEPER_VERSIONS[0]
  return {
    version: resolveVersion(wanted) ?? wanted,
    members,
    tuning,
    ...(port === 'auto' ? {} : { port }),
    config,
    ...(heap === undefined ? {} : { heap }),
  }
})
