// `as: value`: the file is one record's value, byte by byte. With `key:` it is a JSON object and the key one of its fields.
import { isUtf8 } from 'node:buffer'
import { positionIn, seedInvalid } from '../invalid.ts'
import { ContentError, keyField, parseJson } from '../json-value.ts'
import { NO_HEADERS, type ReadOptions, type SeedRecords } from '../seed-record.ts'
import { chunksOf, MAX_ITEM_BYTES } from './lines-of.ts'

export async function* readWholeFile(file: string, key: string | undefined, options: ReadOptions): SeedRecords {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of chunksOf(file, options.signal)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MAX_ITEM_BYTES)
      throw seedInvalid(file, { line: 1, column: 1 }, `the file is larger than ${MAX_ITEM_BYTES >> 20} MiB and cannot be one record`)
  }
  const value = Buffer.concat(chunks)
  yield [
    { key: key === undefined ? null : keyOf(file, value, key), value, headers: NO_HEADERS, partition: undefined, timestamp: undefined },
  ]
}

function keyOf(file: string, value: Buffer, field: string): Buffer | null {
  const start = { line: 1, column: 1 }
  if (!isUtf8(value)) throw seedInvalid(file, start, 'not valid UTF-8, so it has no JSON field for the key')
  const text = value.toString('utf8')
  try {
    return keyField(parseJson(text), field)
  } catch (error) {
    if (error instanceof ContentError) throw seedInvalid(file, positionIn(text, error.offset ?? 0, start), error.message)
    throw error
  }
}
