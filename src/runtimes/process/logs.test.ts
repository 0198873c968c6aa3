import { describe, expect, it } from 'vitest'
import { parseTimes, timeAt } from './logs.ts'

describe('times of log lines', () => {
  it('a line must have the time of the first note that covers it', () => {
    const notes = parseTimes('10 1000\n25 2000\ntorn\n40 3000\n')
    expect([1, 10, 11, 25, 40].map((offset) => timeAt(notes, offset))).toEqual([1000, 1000, 2000, 2000, 3000])
    expect(timeAt(notes, 41)).toBeUndefined()
    expect(timeAt([], 1)).toBeUndefined()
  })
})
