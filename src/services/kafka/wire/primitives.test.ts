// Primitive types of the protocol: golden bytes and round trips.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader } from './reader.ts'
import { uvarintSize, Writer, zigzag } from './writer.ts'

const hex = (writer: Writer) => writer.done().toString('hex')
const read = (writer: Writer) => new Reader(Buffer.from(writer.done()))

describe('varints', () => {
  it('must be the bytes of the protobuf encoding that KIP-482 names', () => {
    expect(hex(new Writer().uvarint(0))).toBe('00')
    expect(hex(new Writer().uvarint(127))).toBe('7f')
    expect(hex(new Writer().uvarint(300))).toBe('ac02')
    expect(hex(new Writer().uvarint(0xffffffff))).toBe('ffffffff0f')
    expect(hex(new Writer().varint(-1))).toBe('01')
    expect(hex(new Writer().varint(63))).toBe('7e')
    expect(hex(new Writer().varint(-65))).toBe('8101')
    expect(hex(new Writer().varint(-2147483648))).toBe('ffffffff0f')
  })

  it('must come back as written, in as many bytes as announced', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer(), fc.maxSafeInteger(), (u, i, l) => {
        const writer = new Writer(1).uvarint(u).varint(i)
        expect(writer.length).toBe(uvarintSize(u) + uvarintSize(zigzag(i)))
        const reader = read(writer.varlong(l))
        expect([reader.uvarint(), reader.varint(), reader.varlong(), reader.left]).toEqual([u, i, l, 0])
      }),
    )
  })

  it('must be refused when they are too long or cut short', () => {
    expect(() => new Reader(Buffer.from('ffffffffffff01', 'hex')).uvarint()).toThrow(RangeError)
    expect(() => new Reader(Buffer.from('80', 'hex')).uvarint()).toThrow(RangeError)
  })
})

describe('compact types', () => {
  it('must hold length plus one, and zero for null', () => {
    expect(hex(new Writer().string('é'))).toBe('03c3a9')
    expect(hex(new Writer().nullableString(null))).toBe('00')
    expect(hex(new Writer().array([1, 2], () => undefined))).toBe('03')
    expect(hex(new Writer().nullableArray(null, () => undefined))).toBe('00')
    expect(hex(new Writer().bytes(Buffer.from([9])))).toBe('0209')
  })

  it('must come back as written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.maxSafeInteger()),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (text, numbers, id) => {
          const writer = new Writer(1)
          const uuid = Buffer.from(id).toString('base64url')
          writer
            .string(text)
            .array(numbers, (n) => writer.int64(n))
            .uuid(uuid)
            .tags()
          const reader = read(writer)
          expect(reader.string()).toBe(text)
          expect(reader.array(() => reader.int64())).toEqual(numbers)
          expect(reader.uuid()).toBe(id.every((byte) => byte === 0) ? '' : uuid)
          reader.tags()
          expect(reader.left).toBe(0)
        },
      ),
    )
  })

  it('must skip tagged fields that it does not know', () => {
    // Two fields: tag 0 with two bytes, tag 5 with three; then another byte that is not theirs.
    const reader = new Reader(Buffer.from(['02', '00', '02', '0102', '05', '03', 'aabbcc', '2a'].join(''), 'hex'))
    reader.tags()
    expect(reader.left).toBe(1)
    expect(reader.int8()).toBe(0x2a)
  })
})
