// Builds one record batch of format 2 (KIP-98): records are encoded as they come, the header is filled in at the end.
// It does not split batches and does not send.
import { gzipSync } from 'node:zlib'
import { crc32c } from './crc32c.ts'
import type { NewRecord } from './record.ts'
import { uvarintSize, zigzag } from './writer.ts'

/** Bytes before the first record. */
export const BATCH_HEADER_BYTES = 61
const CRC_FROM = 21
const GZIP = 1

export type Compression = 'none' | 'gzip'

export interface ProducerStamp {
  /** -1: none. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** Sizes of one record, computed once and used twice. */
function bodyBytes(record: NewRecord, timestampDelta: number, offsetDelta: number): number {
  let size = 1 + varlongSize(timestampDelta) + uvarintSize(zigzag(offsetDelta)) + field(record.key) + field(record.value)
  size += uvarintSize(zigzag(record.headers.length))
  for (const header of record.headers) {
    const length = Buffer.byteLength(header.key)
    size += uvarintSize(zigzag(length)) + length + field(header.value)
  }
  return size
}

function field(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : uvarintSize(zigzag(bytes.length)) + bytes.length
}

function fits32(value: number): boolean {
  return value >= -0x40000000 && value < 0x40000000
}

function varlongSize(value: number): number {
  if (fits32(value)) return uvarintSize(zigzag(value))
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)) >> 7n
  let size = 1
  for (; rest > 0n; rest >>= 7n) size++
  return size
}

/** One batch for one partition. */
export class BatchWriter {
  private buffer: Buffer
  private at = BATCH_HEADER_BYTES
  private baseTimestamp = 0
  private maxTimestamp = 0
  count = 0

  constructor(initialBytes = 16 * 1024) {
    this.buffer = Buffer.allocUnsafe(initialBytes)
  }

  /** Bytes so far, header included, uncompressed. */
  get length(): number {
    return this.at
  }

  /** True when the record fits below `limitBytes`; an empty batch takes any record. */
  takes(record: NewRecord, limitBytes: number): boolean {
    if (this.count === 0) return true
    const body =
      (record.key?.length ?? 0) +
      (record.value?.length ?? 0) +
      record.headers.reduce((sum, h) => sum + h.key.length * 3 + 10 + (h.value?.length ?? 0), 0)
    return this.at + body + 32 <= limitBytes
  }

  append(record: NewRecord): void {
    if (this.count === 0) {
      this.baseTimestamp = record.timestamp
      this.maxTimestamp = record.timestamp
    } else if (record.timestamp > this.maxTimestamp) {
      this.maxTimestamp = record.timestamp
    }
    const delta = record.timestamp - this.baseTimestamp
    const body = bodyBytes(record, delta, this.count)
    this.reserve(body + 5)
    this.varint(body)
    this.buffer[this.at++] = 0
    if (fits32(delta)) this.varint(delta)
    else this.varlong(delta)
    this.varint(this.count)
    this.bytes(record.key)
    this.bytes(record.value)
    this.varint(record.headers.length)
    for (const header of record.headers) {
      this.varint(Buffer.byteLength(header.key))
      this.at += this.buffer.write(header.key, this.at, 'utf8')
      this.bytes(header.value)
    }
    this.count++
  }

  /** The finished batch; the writer must not be used again. */
  finish(compression: Compression, stamp: ProducerStamp): Buffer {
    let batch = this.buffer.subarray(0, this.at)
    if (compression === 'gzip') {
      const packed = gzipSync(batch.subarray(BATCH_HEADER_BYTES), { level: 6 })
      batch = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), packed])
    }
    batch.writeBigInt64BE(0n, 0)
    batch.writeInt32BE(batch.length - 12, 8)
    batch.writeInt32BE(-1, 12)
    batch.writeInt8(2, 16)
    batch.writeInt16BE(compression === 'gzip' ? GZIP : 0, CRC_FROM)
    batch.writeInt32BE(this.count - 1, 23)
    batch.writeBigInt64BE(BigInt(this.baseTimestamp), 27)
    batch.writeBigInt64BE(BigInt(this.maxTimestamp), 35)
    batch.writeBigInt64BE(BigInt(stamp.producerId), 43)
    batch.writeInt16BE(stamp.producerEpoch, 51)
    batch.writeInt32BE(stamp.baseSequence, 53)
    batch.writeInt32BE(this.count, 57)
    batch.writeUInt32BE(crc32c(batch, CRC_FROM), 17)
    return batch
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes
    if (needed <= this.buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(grown, 0, 0, this.at)
    this.buffer = grown
  }

  private varint(value: number): void {
    let rest = zigzag(value)
    while (rest >= 0x80) {
      this.buffer[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.at++] = rest
  }

  private varlong(value: number): void {
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    while (rest >= 0x80n) {
      this.buffer[this.at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.buffer[this.at++] = Number(rest)
  }

  private bytes(value: Uint8Array | null): void {
    if (value === null) {
      this.buffer[this.at++] = 1
      return
    }
    this.varint(value.length)
    this.buffer.set(value, this.at)
    this.at += value.length
  }
}
