import { describe, expect, it } from 'vitest'
import { kafkaSchema } from './schema.ts'

const parse = (given: object) => kafkaSchema.parse(given)
const problems = (given: object) => (kafkaSchema.safeParse(given).error?.issues ?? []).map((issue) => issue.path.join('.'))

describe('a topic in short', () => {
  it.each([
    ['3:2:compakt', /"compakt" is no cleanup policy, did you mean "compact"\?/],
    ['0:1', /"0" is no number of partitions/],
    ['3:x', /"x" is no number of replicas/],
    ['3:2:delete:more', /such as "3:2:compact"\.$/],
  ])('%s must be told what is wrong with it', (text, expected) => {
    const [issue] = kafkaSchema.safeParse({ topics: { orders: text } }).error?.issues ?? []
    const messages = issue?.code === 'invalid_union' ? issue.errors.flat().map(({ message }) => message) : [issue?.message]
    expect(messages.find((message) => message?.startsWith('A topic in short'))).toMatch(expected)
  })
})

describe('the defaults', () => {
  it('must be one combined broker of the newest complete version', () => {
    expect(parse({})).toEqual({
      version: '4.3.1',
      mode: 'kraft',
      brokers: 1,
      controllers: 0,
      tuning: 'dev',
      config: {},
      racks: [],
      topics: {},
    })
  })
  it('must give several brokers one dedicated controller', () => {
    expect(parse({ brokers: 3 }).controllers).toBe(1)
    expect(parse({ brokers: 3, controllers: 'combined' }).controllers).toBe(0)
    expect(parse({ brokers: 1, controllers: 3 }).controllers).toBe(3)
  })
  it('must choose a version that knows the mode', () => {
    expect(parse({ mode: 'zookeeper', brokers: 3 })).toMatchObject({ version: '3.9.2', controllers: 0 })
  })
})

describe('version', () => {
  it('must resolve a line, as text or as an unquoted number', () => {
    expect(parse({ version: '4.1' }).version).toBe('4.1.2')
    expect(parse({ version: 3.9 }).version).toBe('3.9.2')
    expect(parse({ version: '4.0.2' }).version).toBe('4.0.2')
  })
  it('must leave an unknown one for the checks to name', () => {
    expect(parse({ version: '2.8' }).version).toBe('2.8')
  })
  it('must refuse 4, which is what YAML makes of an unquoted 4.0', () => {
    expect(problems({ version: 4 })).toEqual(['version'])
  })
})

describe('topics', () => {
  it('must read the short forms', () => {
    const { topics } = parse({ brokers: 2, topics: { a: '3:2:compact', b: '6', c: 4, d: null, e: '1:1' } })
    expect(topics).toEqual({
      a: { partitions: 3, replicas: 2, config: { 'cleanup.policy': 'compact' } },
      b: { partitions: 6, replicas: 2, config: {} },
      c: { partitions: 4, replicas: 2, config: {} },
      d: { partitions: 1, replicas: 2, config: {} },
      e: { partitions: 1, replicas: 1, config: {} },
    })
  })
  it('must turn every setting into text', () => {
    const config = { 'retention.ms': 1000, preallocate: true, 'cleanup.policy': ['compact', 'delete'] }
    expect(parse({ topics: { a: { config } } }).topics['a']?.config).toEqual({
      'retention.ms': '1000',
      preallocate: 'true',
      'cleanup.policy': 'compact,delete',
    })
  })
  it('must refuse a number that cannot be read exactly', () => {
    expect(problems({ config: { 'log.retention.ms': 2 ** 60 } })).toEqual(['config.log.retention.ms'])
  })
  it.each(['3:2:shrink', '0:1', '3:', 'three'])('must refuse %s', (short) => {
    expect(problems({ topics: { a: short } })).not.toEqual([])
  })
})

describe('seeds', () => {
  const seedOf = (seed: unknown) => parse({ topics: { a: { seed } } }).topics['a']?.seed
  it('must tell the form from the ending', () => {
    expect(['a.ndjson', 'a.jsonl', 'a.csv', 'a.json', 'a.txt'].map((file) => seedOf(file))).toEqual(
      [
        ['a.ndjson', 'ndjson'],
        ['a.jsonl', 'ndjson'],
        ['a.csv', 'csv'],
        ['a.json', 'json-array'],
        ['a.txt', 'lines'],
      ].map(([file, as]) => ({ from: 'file', file, as })),
    )
    expect(seedOf({ file: 'a.json', as: 'lines', key: 'id' })).toEqual({ from: 'file', file: 'a.json', as: 'lines', key: 'id' })
  })
  it('must read a generator and its durations', () => {
    expect(seedOf({ generate: { count: 10, every: '1.5s', value: { a: '{{i}}' } } })).toEqual({
      from: 'generator',
      count: 10,
      everyMs: 1500,
      seed: 1,
      value: { a: '{{i}}' },
    })
    expect(seedOf({ generate: { count: 1, value: 'x', key: 'k', every: 20, seed: 7 } })).toEqual({
      from: 'generator',
      count: 1,
      everyMs: 20,
      seed: 7,
      key: 'k',
      value: 'x',
    })
  })
})

describe('racks', () => {
  it('must take a list or a map from broker to rack', () => {
    expect(parse({ brokers: 3, racks: ['a', 'b'] }).racks).toEqual(['a', 'b'])
    expect(parse({ brokers: 3, racks: { 1: 'a', 'kafka-3': 'c' } }).racks).toEqual(['a', '', 'c'])
  })
})

it('must refuse what contradicts the mode', () => {
  expect(problems({ mode: 'zookeeper', controllers: 1 })).toEqual(['controllers'])
  expect(problems({ zookeeper: 'zk' })).toEqual(['zookeeper'])
})

it('must refuse unknown keys and impossible numbers at once', () => {
  expect(problems({ brokres: 3, brokers: 12, heap: 'much' }).sort()).toEqual(['', 'brokers', 'heap'])
})
