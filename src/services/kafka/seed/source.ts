// A topic's seed as a stream of records, whatever its form, and the hash that names its content.
import { createHash } from 'node:crypto'
import type { KafkaSeed, KafkaTopic } from '../options.ts'
import { readCsv } from './readers/csv.ts'
import { readGenerator } from './readers/generator.ts'
import { readJsonArray } from './readers/json-array.ts'
import { readLines } from './readers/lines.ts'
import { chunksOf } from './readers/lines-of.ts'
import { readNdjson } from './readers/ndjson.ts'
import { readWholeFile } from './readers/whole-file.ts'
import type { ReadOptions, SeedRecords } from './seed-record.ts'

/**
 * The records, in the file's order.
 * @throws DevclusterError SEED_INVALID with file:line:column, while it is read
 */
export function recordsOf(topic: string, { partitions, seed }: KafkaTopic, signal: AbortSignal): SeedRecords | undefined {
  if (!seed) return undefined
  const options: ReadOptions = { partitions, signal }
  if (seed.from === 'generator') return readGenerator(topic, seed, options, Date.now())
  const { file, key } = seed
  switch (seed.as) {
    case 'ndjson':
      return readNdjson(file, key, options)
    case 'csv':
      return readCsv(file, key, options)
    case 'lines':
      return readLines(file, key, options)
    case 'value':
      return readWholeFile(file, key, options)
    case 'json-array':
      return readJsonArray(file, key, options)
  }
}

/** SHA-256 of what would be sent: the file's bytes and how they are read, or the generator's definition. */
export async function hashOf(seed: KafkaSeed, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  if (seed.from === 'generator') return hash.update(JSON.stringify(seed)).digest('hex')
  hash.update(JSON.stringify([seed.as, seed.key ?? null]))
  for await (const chunk of chunksOf(seed.file, signal)) hash.update(chunk)
  return hash.digest('hex')
}
