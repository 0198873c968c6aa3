// Made-up records.
import { describe, expect, it } from 'vitest'
import type { KafkaSeed } from '../options.ts'
import { readGenerator } from './readers/generator.ts'
import { compileTemplate } from './template.ts'

type Generator = Extract<KafkaSeed, { from: 'generator' }>
const NOW = 1_700_000_000_000
const seedOf = (more: Partial<Generator>): Generator => ({ from: 'generator', count: 3, everyMs: 1000, seed: 1, value: '{{i}}', ...more })

async function make(seed: Generator) {
  const all = []
  for await (const records of readGenerator('t', seed, { partitions: 1, signal: new AbortController().signal }, NOW)) all.push(...records)
  return all.map(({ key, value, timestamp }) => ({
    key: key && Buffer.from(key).toString(),
    value: value && Buffer.from(value).toString(),
    timestamp,
  }))
}

describe('the generator', () => {
  it('must make as many records as asked, the last one now', async () => {
    expect(await make(seedOf({ key: 'k{{i}}' }))).toEqual([
      { key: 'k1', value: '1', timestamp: NOW - 2000 },
      { key: 'k2', value: '2', timestamp: NOW - 1000 },
      { key: 'k3', value: '3', timestamp: NOW },
    ])
    expect(await make(seedOf({ count: 1201 }))).toHaveLength(1201)
    expect(await make(seedOf({ count: 0 }))).toEqual([])
  })

  it('must make the same records for the same seed, others for another', async () => {
    const value = {
      id: '{{uuid}}',
      n: '{{int(1,1000)}}',
      f: '{{float(0,1,3)}}',
      b: '{{bool}}',
      p: '{{pick(a, b)}}',
      who: '{{name}} <{{email}}>',
      w: '{{word}}',
    }
    const first = await make(seedOf({ count: 50, value }))
    expect(await make(seedOf({ count: 50, value }))).toEqual(first)
    expect(await make(seedOf({ count: 50, value, seed: 2 }))).not.toEqual(first)
  })

  it('must keep the type of a placeholder that stands alone, and the shape around it', async () => {
    const [made] = await make(
      seedOf({
        count: 1,
        value: { i: '{{i}}', list: ['{{int(5,5)}}', 'n={{int(5,5)}}'], at: '{{iso}}', ms: '{{ timestamp }}', plain: true },
      }),
    )
    expect(JSON.parse(made?.value ?? '')).toEqual({ i: 1, list: [5, 'n=5'], at: new Date(NOW).toISOString(), ms: NOW, plain: true })
  })

  it.each([
    ['{{nope}}', 'unknown placeholder {{nope}}'],
    ['{{constructor}}', 'unknown placeholder {{constructor}}'],
    ['a {{i', '{{ at character 3 is not closed'],
    ['{{int(1)}}', '{{int(1)}}: int wants two whole numbers, the lower first, such as {{int(1,100)}}'],
    ['{{int(9,1)}}', '{{int(9,1)}}: int wants two whole numbers, the lower first, such as {{int(1,100)}}'],
    ['{{uuid(4)}}', '{{uuid(4)}}: uuid takes no arguments'],
    ['{{pick()}}', '{{pick()}}: pick wants words, such as {{pick(a,b,c)}}'],
  ])('must refuse %s and say where', (text, message) => {
    expect(() => compileTemplate({ deep: [text] }, 'value')).toThrow(
      expect.objectContaining({ code: 'SEED_INVALID', message: `value.deep[0]: ${message}` }),
    )
  })
})
