// Reads Kafka's primitive types from a buffer. Knows no message; a short buffer is a RangeError of Node, which the connection turns into a WireError.
// Source: protocol guide "Protocol Primitive Types"; KIP-482.

/** A cursor over one response. */
export class Reader {
  readonly buffer: Buffer
  private at: number

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer
    this.at = at
  }

  get position(): number {
    return this.at
  }

  get left(): number {
    return this.buffer.length - this.at
  }

  private take(bytes: number): number {
    const at = this.at
    if (bytes < 0 || at + bytes > this.buffer.length) throw new RangeError(`${bytes} bytes wanted, ${this.buffer.length - at} left`)
    this.at = at + bytes
    return at
  }

  skip(bytes: number): void {
    this.take(bytes)
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1))
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4))
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4))
  }

  /** As a number: offsets and times stay below 2^53. */
  int64(): number {
    return Number(this.buffer.readBigInt64BE(this.take(8)))
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.take(1))
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a varint is longer than 5 bytes')
  }

  varint(): number {
    const value = this.uvarint()
    return (value >>> 1) ^ -(value & 1)
  }

  varlong(): number {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buffer.readUInt8(this.take(1))
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)))
    }
    throw new RangeError('a varlong is longer than 10 bytes')
  }

  /** `length` bytes without a copy. */
  raw(length: number): Buffer {
    const at = this.take(length)
    return this.buffer.subarray(at, at + length)
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  nullableString(): string | null {
    const length = this.uvarint() - 1
    if (length < 0) return null
    const at = this.take(length)
    return this.buffer.toString('utf8', at, at + length)
  }

  nullableBytes(): Buffer | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.raw(length)
  }

  array<T>(each: () => T): T[] {
    const length = this.uvarint() - 1
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(each())
    return items
  }

  uuid(): string {
    const bytes = this.raw(16)
    return bytes.every((byte) => byte === 0) ? '' : bytes.toString('base64url')
  }

  /** Skips tagged fields: none of them matters here. */
  tags(): void {
    const count = this.uvarint()
    for (let i = 0; i < count; i++) {
      this.uvarint()
      this.skip(this.uvarint())
    }
  }
}
