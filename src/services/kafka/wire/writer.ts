// Writes Kafka's primitive types into one growing buffer. Knows no message.
// Source: protocol guide "Protocol Primitive Types"; KIP-482 (compact types, tagged fields).

const CONTINUED = 0x80

/** Bytes that {@link Writer.uvarint} takes for `value` (0 to 2^32-1). */
export function uvarintSize(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++
  return size
}

/** Zigzag of a 32-bit integer, as an unsigned number. */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

/** A growing big-endian buffer. */
export class Writer {
  private buffer: Buffer
  private at = 0

  constructor(initialBytes = 256) {
    this.buffer = Buffer.allocUnsafe(initialBytes)
  }

  get length(): number {
    return this.at
  }

  private room(bytes: number): number {
    const at = this.at
    const needed = at + bytes
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
      this.buffer.copy(grown, 0, 0, at)
      this.buffer = grown
    }
    this.at = needed
    return at
  }

  int8(value: number): this {
    const at = this.room(1)
    this.buffer.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.room(2)
    this.buffer.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.room(4)
    this.buffer.writeInt32BE(value, at)
    return this
  }

  /** A safe integer as int64. */
  int64(value: number): this {
    const at = this.room(8)
    this.buffer.writeBigInt64BE(BigInt(value), at)
    return this
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  uvarint(value: number): this {
    let rest = value >>> 0
    while (rest >= CONTINUED) {
      const at = this.room(1)
      this.buffer[at] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    const at = this.room(1)
    this.buffer[at] = rest
    return this
  }

  varint(value: number): this {
    return this.uvarint(zigzag(value))
  }

  /** Zigzag varint of a safe integer (record timestamps deltas are 64 bit). */
  varlong(value: number): this {
    if (value >= -0x40000000 && value < 0x40000000) return this.varint(value)
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    while (rest >= 0x80n) {
      const at = this.room(1)
      this.buffer[at] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    const at = this.room(1)
    this.buffer[at] = Number(rest)
    return this
  }

  raw(bytes: Uint8Array): this {
    const at = this.room(bytes.length)
    this.buffer.set(bytes, at)
    return this
  }

  /** COMPACT_STRING. */
  string(value: string): this {
    const length = Buffer.byteLength(value)
    this.uvarint(length + 1)
    const at = this.room(length)
    this.buffer.write(value, at, 'utf8')
    return this
  }

  /** COMPACT_NULLABLE_STRING. */
  nullableString(value: string | null): this {
    return value === null ? this.uvarint(0) : this.string(value)
  }

  /** NULLABLE_STRING of the old, fixed form (request header). */
  oldString(value: string): this {
    const length = Buffer.byteLength(value)
    this.int16(length)
    const at = this.room(length)
    this.buffer.write(value, at, 'utf8')
    return this
  }

  /** COMPACT_BYTES, also COMPACT_RECORDS. */
  bytes(value: Uint8Array): this {
    return this.uvarint(value.length + 1).raw(value)
  }

  /** COMPACT_ARRAY. */
  array<T>(items: readonly T[], each: (item: T) => void): this {
    this.uvarint(items.length + 1)
    for (const item of items) each(item)
    return this
  }

  nullableArray<T>(items: readonly T[] | null, each: (item: T) => void): this {
    return items === null ? this.uvarint(0) : this.array(items, each)
  }

  /** Topic id as Kafka prints it (base64url without padding); the empty text is the zero id. */
  uuid(value: string): this {
    if (value === '') return this.raw(Buffer.alloc(16))
    return this.raw(Buffer.from(value, 'base64url'))
  }

  /** No tagged fields. */
  tags(): this {
    return this.uvarint(0)
  }

  /** What was written; valid until the next write. */
  done(): Buffer {
    return this.buffer.subarray(0, this.at)
  }

  /** Overwrites an int32 written before. */
  patchInt32(value: number, at: number): void {
    this.buffer.writeInt32BE(value, at)
  }
}
