import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatProperties, parseProperties } from './properties.ts'

const text = fc.string({ unit: 'binary' })

describe('formatProperties', () => {
  it('must escape what would end a key or a line', () => {
    expect(formatProperties([['a key:with=signs', 'one\ntwo\\three']])).toBe('a\\ key\\:with\\=signs=one\\ntwo\\\\three\n')
  })
  it('must keep leading blanks of a value and leave inner ones readable', () => {
    expect(formatProperties([['k', '  a b']])).toBe('k=\\  a b\n')
    expect(parseProperties('k=\\  a b').get('k')).toBe('  a b')
  })
  it('must leave listener lists as a person would write them', () => {
    expect(formatProperties([['listeners', 'PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002']])).toBe(
      'listeners=PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002\n',
    )
  })
  it('must write non-ASCII as \\uXXXX', () => {
    expect(formatProperties([['k', 'é😀']])).toBe('k=\\u00E9\\uD83D\\uDE00\n')
  })
  it('must give back every key and value', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (values) => {
        const entries = Object.entries(values)
        expect([...parseProperties(formatProperties(entries))]).toEqual(entries)
      }),
    )
  })
})

describe('parseProperties', () => {
  it('must read the forms that Java reads', () => {
    const read = parseProperties('# c\n! c\n  a : 1\nb 2\nc=3 \\\n    4\nd\n\\#e=5\nf\\\\=6')
    expect([...read]).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3 4'],
      ['d', ''],
      ['#e', '5'],
      ['f\\', '6'],
    ])
  })
})
