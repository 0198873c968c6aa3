// Reads the record batches of a Fetch response: format 2, uncompressed or gzip. Other codecs are named, not guessed.
// Control batches (transaction markers) are skipped; the batch that the broker cut short at the end is left for the next fetch.
import { gunzipSync } from 'node:zlib'
import { BATCH_HEADER_BYTES } from './batch-writer.ts'
import { crc32c } from './crc32c.ts'
import { WireError } from './errors.ts'
import { Reader } from './reader.ts'
import type { RecordHeader, StoredRecord } from './record.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const CONTROL_BIT = 0x20
const LOG_APPEND_BIT = 0x08

export interface ReadBatches {
  readonly records: readonly StoredRecord[]
  /** Offset after the last whole batch, or undefined when there was none. */
  readonly nextOffset: number | undefined
}

/**
 * All whole batches in `buffer`; records before `fromOffset` (a batch may begin earlier) are left out.
 * @throws WireError `protocol` for a codec or format this reader does not know, or a wrong checksum
 */
export function readBatches(buffer: Buffer, fromOffset: number): ReadBatches {
  const records: StoredRecord[] = []
  let nextOffset: number | undefined
  let at = 0
  while (at + BATCH_HEADER_BYTES <= buffer.length) {
    const end = at + 12 + buffer.readInt32BE(at + 8)
    if (end > buffer.length) break
    const batch = buffer.subarray(at, end)
    readBatch(batch, fromOffset, records)
    nextOffset = Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23) + 1
    at = end
  }
  return { records, nextOffset }
}

function readBatch(batch: Buffer, fromOffset: number, into: StoredRecord[]): void {
  const magic = batch.readInt8(16)
  if (magic !== 2) throw new WireError('protocol', `a record batch of format ${magic}: only format 2 (Kafka 0.11 and later) can be read`)
  if (batch.readUInt32BE(17) !== crc32c(batch, 21)) throw new WireError('protocol', 'a record batch has a wrong checksum')
  const attributes = batch.readInt16BE(21)
  if (attributes & CONTROL_BIT) return
  const codec = CODECS[attributes & 7] ?? `codec ${attributes & 7}`
  if (codec !== 'none' && codec !== 'gzip') {
    throw new WireError('protocol', `records compressed with ${codec} cannot be read here: only gzip and uncompressed records can`)
  }
  const baseOffset = Number(batch.readBigInt64BE(0))
  const baseTimestamp = Number(batch.readBigInt64BE(27))
  const maxTimestamp = Number(batch.readBigInt64BE(35))
  const count = batch.readInt32BE(57)
  const body = batch.subarray(BATCH_HEADER_BYTES)
  const r = new Reader(codec === 'gzip' ? gunzipSync(body) : body)
  for (let i = 0; i < count; i++) {
    const recordEnd = r.varint() + r.position
    r.int8()
    const timestamp = baseTimestamp + r.varlong()
    const offset = baseOffset + r.varint()
    const key = nullable(r)
    const value = nullable(r)
    const headers: RecordHeader[] = []
    const headerCount = r.varint()
    for (let h = 0; h < headerCount; h++) headers.push({ key: r.raw(r.varint()).toString('utf8'), value: nullable(r) })
    r.skip(recordEnd - r.position)
    if (offset >= fromOffset) into.push({ offset, timestamp: attributes & LOG_APPEND_BIT ? maxTimestamp : timestamp, key, value, headers })
  }
}

function nullable(r: Reader): Buffer | null {
  const length = r.varint()
  return length < 0 ? null : r.raw(length)
}
