// Record batches: golden bytes, round trips, and what the reader refuses.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBatches } from './batch-reader.ts'
import { BatchWriter } from './batch-writer.ts'
import type { NewRecord } from './record.ts'

const STAMP = { producerId: -1, producerEpoch: -1, baseSequence: -1 }

function batchOf(records: readonly NewRecord[], compression: 'none' | 'gzip' = 'none'): Buffer {
  const writer = new BatchWriter(64)
  for (const record of records) writer.append(record)
  return writer.finish(compression, STAMP)
}

const bytes = fc.option(
  fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value)),
  { nil: null },
)
const record: fc.Arbitrary<NewRecord> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'grapheme' }), value: bytes }), { maxLength: 4 }),
  timestamp: fc.nat({ max: 4_102_444_800_000 }),
})

describe('a record batch', () => {
  it('must be byte for byte what the protocol says', () => {
    const batch = batchOf([{ key: Buffer.from('k'), value: Buffer.from('v'), headers: [{ key: 'h', value: null }], timestamp: 1000 }])
    expect(batch.toString('hex')).toBe(
      [
        '0000000000000000', // base offset
        '0000003d', // length after this field
        'ffffffff', // leader epoch
        '02', // magic
        batch.toString('hex', 17, 21), // checksum: see the round trips
        '0000', // attributes
        '00000000', // last offset delta
        '00000000000003e8', // first timestamp
        '00000000000003e8', // greatest timestamp
        'ffffffffffffffff', // producer id
        'ffff', // producer epoch
        'ffffffff', // base sequence
        '00000001', // records
        // length 11, attributes, deltas, key "k", value "v", one header "h": null
        '16' + '00' + '00' + '00' + '026b' + '0276' + '02' + '0268' + '01',
      ].join(''),
    )
  })

  it.each(['none', 'gzip'] as const)('must come back as written (%s)', (compression) => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (records) => {
        const { records: read, nextOffset } = readBatches(batchOf(records, compression), 0)
        expect(nextOffset).toBe(records.length)
        expect(read).toEqual(records.map((one, offset) => ({ ...one, offset })))
      }),
    )
  })

  it('must take as many bytes as it announces, whatever is appended', () => {
    const writer = new BatchWriter(16)
    const large = { key: null, value: Buffer.alloc(5000, 1), headers: [], timestamp: 5 }
    expect(writer.takes(large, 100)).toBe(true)
    writer.append(large)
    expect(writer.takes(large, 9000)).toBe(false)
    expect(writer.takes(large, 11_000)).toBe(true)
  })
})

describe('the batch reader', () => {
  const one = batchOf([{ key: null, value: Buffer.from('a'), headers: [], timestamp: 1 }])

  it('must leave a batch that was cut short for the next fetch', () => {
    const cut = Buffer.concat([one, one.subarray(0, 40)])
    expect(readBatches(cut, 0)).toMatchObject({ nextOffset: 1, records: [{ offset: 0 }] })
    expect(readBatches(one.subarray(0, 30), 0)).toEqual({ records: [], nextOffset: undefined })
  })

  it('must leave out records before the wanted offset', () => {
    const two = batchOf([0, 1].map((n) => ({ key: null, value: Buffer.from([n]), headers: [], timestamp: n })))
    expect(readBatches(two, 1).records.map(({ offset }) => offset)).toEqual([1])
  })

  it('must refuse a wrong checksum', () => {
    const broken = Buffer.from(one)
    broken[broken.length - 1] = 0x7f
    expect(() => readBatches(broken, 0)).toThrow(/checksum/)
  })
})
