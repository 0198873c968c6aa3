import fc from 'fast-check'
import { expect, it } from 'vitest'
import { grouped } from './grouped.ts'

it('must write whole numbers as en-US does', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (amount) => {
      expect(grouped(amount)).toBe(amount.toLocaleString('en-US'))
    }),
  )
})
