// Topics and seeds as a file writes them, and what they mean. Types of the result: options.ts.
import { z } from 'zod'
import { suggest } from '../../util/suggest.ts'
import type { KafkaSeed, KafkaTopic } from './options.ts'

const scalar = z.union([
  z.string(),
  z.boolean(),
  // Beyond 2^53 a JSON or YAML number is no longer what was written, and Kafka has many 64-bit settings.
  z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
    error: 'Put this number in quotes: it is too large to be read exactly.',
  }),
])

/** Values of a configuration map: scalars, or a list that is joined with commas. All become strings. */
export const configMap = z.record(
  z.string().min(1),
  z.union([scalar.transform(String), z.array(scalar).transform((items) => items.map(String).join(','))]),
)

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const duration = z
  .union([z.int().min(0), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'A duration is a number with ms, s, m, h or d: 250ms, 1s.')])
  .transform((text) => {
    if (typeof text === 'number') return text
    const unit = /[a-z]+$/.exec(text)?.[0] ?? 'ms'
    return Math.round(Number.parseFloat(text) * (UNITS[unit] ?? 1))
  })

const FORMS = ['ndjson', 'csv', 'value', 'lines', 'json-array'] as const

const seedInput = z.union([
  z.string().min(1).describe('File with records, relative to this file; its ending tells the form.'),
  z
    .strictObject({
      file: z.string().min(1).describe('File with records, relative to this file.'),
      as: z
        .enum(FORMS)
        .optional()
        .describe(
          'ndjson: an envelope {key, value, headers, partition, timestamp} per line; csv: header row; value: a JSON value per line; lines: a line is a value; json-array: an element is a value.',
        ),
      key: z.string().min(1).optional().describe('Field of the value that becomes the key.'),
    })
    .describe('A file with records.'),
  z
    .strictObject({
      generate: z.strictObject({
        count: z.int().min(1).describe('Number of records.'),
        every: duration.default(1000).describe('Time between the timestamps of two records: 1s.'),
        seed: z.int().default(1).describe('Same seed, same records.'),
        key: z.string().optional().describe('Template of the key.'),
        value: z.json().describe('Template of the value: a string, or an object whose strings are templates.'),
      }),
    })
    .describe('Records made by a deterministic generator.'),
])

const topicObject = z.strictObject({
  partitions: z.int().min(1).max(10_000).default(1).describe('Number of partitions.'),
  replicas: z.int().min(1).max(9).optional().describe('Copies of each partition. Default: 3, or as many as there are brokers.'),
  config: configMap.default({}).describe('Topic settings, such as cleanup.policy.'),
  seed: seedInput.optional().describe('Records to send once.'),
})

const POLICIES = ['compact', 'delete', 'compact,delete', 'delete,compact']

/** What is wrong with a topic in short, as exactly as can be told. */
function shorthandProblem(text: string): string {
  const form = 'A topic in short is "partitions:replicas[:cleanup.policy]", such as "3:2:compact"'
  const [partitions = '', replicas = '1', policy = 'delete', ...more] = text.split(':')
  if (more.length > 0) return `${form}.`
  if (!/^[1-9]\d{0,3}$/.test(partitions)) return `${form}; ${JSON.stringify(partitions)} is no number of partitions.`
  if (!/^[1-9]$/.test(replicas)) return `${form}; ${JSON.stringify(replicas)} is no number of replicas.`
  const near = suggest(policy, POLICIES)
  return `${form}; ${JSON.stringify(policy)} is no cleanup policy${near === undefined ? ` (${POLICIES.join(' | ')})` : `, did you mean ${JSON.stringify(near)}?`}`
}

const shorthand = z.string().regex(/^[1-9]\d{0,3}(:[1-9](:(compact|delete|compact,delete|delete,compact))?)?$/, {
  error: ({ input }) => shorthandProblem(String(input)),
})

/** `{...}`, `"3:2:compact"`, a number of partitions, or nothing at all. */
export const topicInput = z.union([shorthand, z.int().min(1).max(10_000), z.null(), topicObject])

function toSeed(seed: z.output<typeof seedInput>): KafkaSeed {
  if (typeof seed !== 'string' && 'generate' in seed) {
    const { count, every, seed: start, key, value } = seed.generate
    return { from: 'generator', count, everyMs: every, seed: start, ...(key === undefined ? {} : { key }), value }
  }
  const { file, as, key } = typeof seed === 'string' ? { file: seed, as: undefined, key: undefined } : seed
  return { from: 'file', file, as: as ?? formOf(file), ...(key === undefined ? {} : { key }) }
}

function formOf(file: string): (typeof FORMS)[number] {
  if (/\.(ndjson|jsonl)$/i.test(file)) return 'ndjson'
  if (/\.csv$/i.test(file)) return 'csv'
  return /\.json$/i.test(file) ? 'json-array' : 'lines'
}

/** The topic that was meant; `brokers` gives the default number of replicas. */
export function toTopic(given: z.output<typeof topicInput>, brokers: number): KafkaTopic {
  const usual = Math.min(3, brokers)
  if (given === null) return { partitions: 1, replicas: usual, config: {} }
  if (typeof given === 'number') return { partitions: given, replicas: usual, config: {} }
  if (typeof given === 'string') {
    const [partitions, replicas, policy] = given.split(':')
    return {
      partitions: Number(partitions),
      replicas: replicas === undefined ? usual : Number(replicas),
      config: policy === undefined ? {} : { 'cleanup.policy': policy },
    }
  }
  const { partitions, replicas, config, seed } = given
  return { partitions, replicas: replicas ?? usual, config, ...(seed === undefined ? {} : { seed: toSeed(seed) }) }
}
