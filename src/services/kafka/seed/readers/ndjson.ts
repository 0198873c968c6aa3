// `.ndjson`: one envelope {"key","value","headers","partition","timestamp"} per line; blank lines are skipped.
import { isUtf8 } from 'node:buffer'
import type { RecordHeader } from '../../wire/record.ts'
import { columnAt, seedInvalid } from '../invalid.ts'
import { type Member, members } from '../json-text.ts'
import { ContentError, isObject, keyField, parseJson, toBytes, toTimestamp } from '../json-value.ts'
import { NO_HEADERS, type ReadOptions, type SeedRecord, type SeedRecords } from '../seed-record.ts'
import { type Line, linesOf } from './lines-of.ts'
import { invalidUtf8At } from './utf8.ts'

const FIELDS = ['key', 'value', 'headers', 'partition', 'timestamp'] as const

/** What `consume --json` adds; allowed so that its output is a seed as it stands. */
const IGNORED: ReadonlySet<string> = new Set(['topic', 'offset'])

/** A mistake in an envelope, with its byte offset in the line. */
export class EnvelopeError extends Error {
  readonly at: number
  readonly hint: string | undefined

  constructor(at: number, message: string, hint?: string) {
    super(message)
    this.at = at
    this.hint = hint
  }
}

export async function* readNdjson(file: string, key: string | undefined, options: ReadOptions): SeedRecords {
  for await (const lines of linesOf(file, options.signal)) {
    const records: SeedRecord[] = []
    for (const line of lines) {
      if (isBlank(line.bytes)) continue
      records.push(recordOf(file, line, key, options.partitions))
    }
    if (records.length > 0) yield records
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09) return false
  return true
}

function recordOf(file: string, { bytes, number }: Line, key: string | undefined, partitions: number): SeedRecord {
  try {
    return readEnvelope(bytes, key, partitions)
  } catch (error) {
    if (error instanceof EnvelopeError)
      throw seedInvalid(file, { line: number, column: columnAt(bytes, error.at) }, error.message, error.hint)
    if (error instanceof ContentError) throw seedInvalid(file, { line: number, column: (error.offset ?? 0) + 1 }, error.message)
    throw error
  }
}

/**
 * One envelope. Also used by `produce --json`.
 * @throws ContentError or an error with the byte offset of the mistake
 */
export function readEnvelope(line: Buffer, keyFrom: string | undefined, partitions: number): SeedRecord {
  if (!isUtf8(line)) throw new EnvelopeError(invalidUtf8At(line), 'not valid UTF-8')
  const envelope = parseJson(line.toString('utf8'))
  if (!isObject(envelope)) {
    throw new EnvelopeError(
      firstByte(line),
      'a line must be an object {"key", "value", "headers", "partition", "timestamp"}',
      'for lines that are values themselves: seed: { file, as: lines }',
    )
  }
  const spans: Partial<Record<(typeof FIELDS)[number], Member>> = {}
  for (const member of members(line)) {
    if (IGNORED.has(member.key)) continue
    const field = FIELDS.find((name) => name === member.key)
    if (!field) {
      throw new EnvelopeError(
        member.keyAt,
        `unknown field ${JSON.stringify(member.key)}: an envelope has key, value, headers, partition, timestamp`,
        'for lines that are values themselves: seed: { file, as: lines, key: <field> }',
      )
    }
    if (spans[field]) throw new EnvelopeError(member.keyAt, `field "${field}" twice`)
    spans[field] = member
  }
  const bytesOf = (field: 'key' | 'value') =>
    at(spans[field], () => toBytes(envelope[field], spans[field] && line.subarray(spans[field].from, spans[field].to)))
  return {
    key: keyFrom !== undefined && !spans.key ? at(spans.value, () => keyField(envelope['value'], keyFrom)) : bytesOf('key'),
    value: bytesOf('value'),
    headers: spans.headers ? at(spans.headers, () => headersOf(envelope['headers'])) : NO_HEADERS,
    partition: spans.partition ? at(spans.partition, () => partitionOf(envelope['partition'], partitions)) : undefined,
    timestamp: spans.timestamp
      ? at(spans.timestamp, () => (envelope['timestamp'] === null ? undefined : toTimestamp(envelope['timestamp'])))
      : undefined,
  }
}

/** Gives a mistake inside a member the member's place. */
function at<T>(member: Member | undefined, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ContentError) throw new EnvelopeError(member?.from ?? 0, error.message)
    throw error
  }
}

/** Headers: an object, or a list of [key, value] or {"key","value"} where a key may come twice. */
function headersOf(value: unknown): readonly RecordHeader[] {
  if (value === null) return NO_HEADERS
  if (isObject(value)) return Object.entries(value).map(([key, header]) => ({ key, value: toBytes(header) }))
  if (!Array.isArray(value)) throw new ContentError('headers must be an object, or a list of [key, value]')
  return value.map((item: unknown) => {
    const [key, header]: readonly unknown[] =
      Array.isArray(item) && item.length === 2 ? item : isObject(item) ? [item['key'], item['value']] : []
    if (typeof key !== 'string') throw new ContentError('a header in a list must be [key, value] or {"key", "value"} with a string as key')
    return { key, value: toBytes(header) }
  })
}

function partitionOf(value: unknown, partitions: number): number | undefined {
  if (value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw new ContentError('partition must be a whole number from 0')
  if (value >= partitions) throw new ContentError(`partition ${value} does not exist: the topic has ${partitions} (0 to ${partitions - 1})`)
  return value
}

function firstByte(line: Buffer): number {
  let index = 0
  while (line[index] === 0x20 || line[index] === 0x09) index++
  return index
}
