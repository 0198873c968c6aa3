// Checksums and the partitioner, against published vectors.
import { describe, expect, it } from 'vitest'
import { crc32c } from './crc32c.ts'
import { murmur2, partitionOf } from './murmur2.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')

describe('crc32c', () => {
  it('must match the vectors of RFC 3720 B.4 and the check value of the Castagnoli polynomial', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e)
    expect(crc32c(Buffer.alloc(0))).toBe(0)
  })

  it('must count only the given part', () => {
    expect(crc32c(Buffer.from('xx123456789yy'), 2, 11)).toBe(0xe3069283)
  })
})

describe('murmur2', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('must hash %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('must hash raw bytes as the Java client does', () => {
    expect(murmur2(bytes('616263'))).toBe(479470107)
  })

  it('must choose a partition from the positive hash', () => {
    expect(partitionOf(Buffer.from('21'), 6)).toBe((-973932308 & 0x7fffffff) % 6)
  })
})
