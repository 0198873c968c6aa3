// `seed: { generate: ... }`: made-up records, the same for the same seed. Timestamps end at the time of seeding, `everyMs` apart.
import type { KafkaSeed } from '../../options.ts'
import { Random } from '../random.ts'
import { NO_HEADERS, type ReadOptions, type SeedRecord, type SeedRecords } from '../seed-record.ts'
import { compileTemplate, type Template } from '../template.ts'

const AT_ONCE = 500

export type GeneratorSeed = Extract<KafkaSeed, { from: 'generator' }>

/** Compiled templates. @throws DevclusterError SEED_INVALID naming the topic and the field */
export function compileGenerator(topic: string, seed: GeneratorSeed): { key: Template | undefined; value: Template } {
  return {
    key: seed.key === undefined ? undefined : compileTemplate(seed.key, `topic ${topic}: seed.generate.key`),
    value: compileTemplate(seed.value, `topic ${topic}: seed.generate.value`),
  }
}

/** `nowMs`: time of the last record. */
export async function* readGenerator(topic: string, seed: GeneratorSeed, options: ReadOptions, nowMs: number): SeedRecords {
  const { key, value } = compileGenerator(topic, seed)
  const random = new Random(seed.seed)
  for (let i = 1; i <= seed.count; ) {
    options.signal.throwIfAborted()
    const records: SeedRecord[] = []
    for (; i <= seed.count && records.length < AT_ONCE; i++) {
      const timestamp = Math.max(0, nowMs - (seed.count - i) * seed.everyMs)
      const scene = { i, timestamp, random }
      records.push({
        key: key ? bytes(key(scene)) : null,
        value: bytes(value(scene)),
        headers: NO_HEADERS,
        partition: undefined,
        timestamp,
      })
    }
    yield records
  }
}

function bytes(made: unknown): Buffer | null {
  if (made === null || made === undefined) return null
  return Buffer.from(typeof made === 'string' ? made : JSON.stringify(made))
}
