import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contentHash } from './content-hash.ts'

it('must be the same for the same bytes, and another one when any byte is another, gone or new', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, by) => {
      const index = at % bytes.length
      const hash = contentHash(bytes)
      expect(contentHash(Uint8Array.from(bytes))).toBe(hash)
      expect(contentHash(bytes.map((byte, i) => (i === index ? byte ^ by : byte)))).not.toBe(hash)
      expect(contentHash(bytes.filter((_, i) => i !== index))).not.toBe(hash)
      expect(contentHash(Uint8Array.from([...bytes, by]))).not.toBe(hash)
    }),
    { numRuns: 2_000 },
  )
})

it('must not meet among many similar files', () => {
  const hashes = new Set(Array.from({ length: 100_000 }, (_, i) => contentHash(Buffer.from(`port: ${i}\n`)).slice(0, 16)))
  expect(hashes.size).toBe(100_000)
})
