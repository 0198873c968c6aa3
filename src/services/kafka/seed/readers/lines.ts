// `as: lines`: each line is a value as it stands. With `key:` each line is a JSON object and the key one of its fields.
import { isUtf8 } from 'node:buffer'
import { columnAt, seedInvalid } from '../invalid.ts'
import { ContentError, keyField, parseJson } from '../json-value.ts'
import { NO_HEADERS, type ReadOptions, type SeedRecord, type SeedRecords } from '../seed-record.ts'
import { type Line, linesOf } from './lines-of.ts'
import { invalidUtf8At } from './utf8.ts'

export async function* readLines(file: string, key: string | undefined, options: ReadOptions): SeedRecords {
  for await (const lines of linesOf(file, options.signal)) {
    const records: SeedRecord[] = []
    for (const line of lines) {
      // A blank line is an empty value where lines are plain text; it is no JSON object.
      if (key !== undefined && line.bytes.length === 0) continue
      records.push({
        key: key === undefined ? null : keyOf(file, line, key),
        value: line.bytes,
        headers: NO_HEADERS,
        partition: undefined,
        timestamp: undefined,
      })
    }
    yield records
  }
}

function keyOf(file: string, { bytes, number }: Line, field: string): Buffer | null {
  if (!isUtf8(bytes)) throw seedInvalid(file, { line: number, column: columnAt(bytes, invalidUtf8At(bytes)) }, 'not valid UTF-8')
  try {
    return keyField(parseJson(bytes.toString('utf8')), field)
  } catch (error) {
    if (error instanceof ContentError) throw seedInvalid(file, { line: number, column: (error.offset ?? 0) + 1 }, error.message)
    throw error
  }
}
