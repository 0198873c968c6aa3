import { describe, expect, it } from 'vitest'
import type { ClusterSpec, ServiceSpec } from '../../model/spec.ts'
import { checkKafka } from './check.ts'
import type { KafkaOptions } from './options.ts'
import { kafkaSchema } from './schema.ts'

function check(given: object, more: Partial<ServiceSpec<KafkaOptions>> = {}, others: readonly { name: string; kind: string }[] = []) {
  const empty = { needs: [], env: {}, resources: {}, volumes: [], implied: false }
  const service: ServiceSpec<KafkaOptions> = { name: 'kafka', kind: 'kafka', options: kafkaSchema.parse(given), ...empty, ...more }
  const services = [service, ...others.map((other) => ({ ...empty, ...other, options: {} }))]
  const cluster: ClusterSpec = {
    id: 'x-00000000',
    name: 'x',
    files: [],
    runtime: 'auto',
    bind: '127.0.0.1',
    bindIsExplicit: false,
    mirrors: {},
    services,
  }
  return checkKafka(service, cluster).map(({ severity, path, code, message, hint }) => ({
    severity,
    at: path.join(' '),
    code,
    text: `${message} ${hint ?? ''}`,
  }))
}

describe('checkKafka', () => {
  it('must be content with an ordinary file', () => {
    expect(
      check({
        brokers: 3,
        topics: { orders: '6:3', audit: { replicas: 2, config: { 'min.insync.replicas': 2 } } },
        config: { 'log.retention.hours': 1 },
      }),
    ).toEqual([])
  })
  it('must name the known versions and the nearest', () => {
    const [found] = check({ version: '4.31' })
    expect(found).toMatchObject({ severity: 'error', at: 'version', code: 'VERSION_UNAVAILABLE' })
    expect(found?.text).toContain('4.4.0, 4.3.1, 4.2.1, 4.1.2, 4.0.2, 3.9.2')
    expect(found?.text).toContain('Did you mean "4.3.1"?')
  })
  it('must find a placeholder that the generator does not know, before anything is started', () => {
    const seed = { generate: { count: 1, key: '{{nope}}', value: { a: '{{int(1,2)}}' } } }
    const [found, ...more] = check({ topics: { a: { partitions: 1, seed } } })
    expect(more).toEqual([])
    expect(found).toMatchObject({ severity: 'error', at: 'topics a seed generate key' })
    expect(found?.text).toMatch(/nope.*\{\{int\(1,100\)\}\}/s)
  })
  it('must refuse ZooKeeper mode on 4.x', () => {
    expect(check({ mode: 'zookeeper', version: '4.1' })).toMatchObject([{ severity: 'error', at: 'mode' }])
  })
  it('must refuse more replicas than brokers, once per topic', () => {
    expect(check({ brokers: 2, topics: { a: '1:3', b: { replicas: 4 } } })).toMatchObject([
      { severity: 'error', at: 'topics a replicas' },
      { severity: 'error', at: 'topics b replicas' },
    ])
  })
  it('must refuse more in-sync replicas than there are', () => {
    expect(check({ brokers: 3, topics: { a: { replicas: 2, config: { 'min.insync.replicas': 3 } } } })).toMatchObject([
      { at: 'topics a config min.insync.replicas' },
    ])
    expect(check({ brokers: 3, config: { 'min.insync.replicas': 2 }, topics: { a: '1:1' } })).toMatchObject([{ at: 'topics a replicas' }])
    expect(check({ brokers: 1, config: { 'min.insync.replicas': 2 }, topics: { a: '1:1' } })).toMatchObject([
      { at: 'config min.insync.replicas' },
    ])
  })
  it('must warn about an even number of voters', () => {
    expect(check({ brokers: 4, controllers: 'combined' })).toMatchObject([{ severity: 'warning', at: 'brokers' }])
    expect(check({ brokers: 4 })).toEqual([])
  })
  it('must refuse settings that devcluster owns and say what to use', () => {
    const found = check({ config: { 'node.id': 7, listeners: 'x', 'log.dirs': '/x', 'broker.rack': 'a' } })
    expect(found.map(({ at }) => at)).toEqual(['config node.id', 'config listeners', 'config log.dirs', 'config broker.rack'])
    expect(found[3]?.text).toContain('racks:')
  })
  it('must warn about a setting that looks like a slip, and leave plugins alone', () => {
    expect(check({ config: { 'log.retention.hour': 1, 'acme.plugin.colour': 'red' } })).toMatchObject([
      { severity: 'warning', at: 'config log.retention.hour' },
    ])
  })
  it('must refuse what Kafka would refuse of a topic', () => {
    const found = check({
      topics: {
        'a b': '1:1',
        '..': '1:1',
        [`${'x'.repeat(250)}`]: '1:1',
        __consumer_offsets: '1:1',
        'a.b': '1:1',
        a_b: '1:1',
        c: { config: { 'retention.sm': 1, 'cleanup.policy': 'shrink' } },
      },
    })
    expect(found.map(({ at }) => at.slice(0, 30))).toEqual(
      [
        'topics a b',
        'topics ..',
        `topics ${'x'.repeat(23)}`,
        'topics __consumer_offsets',
        'topics c config retention.sm',
        'topics c config cleanup.policy',
        'topics a_b',
      ].map((at) => at.slice(0, 30)),
    )
    expect(found[4]?.text).toContain('retention.ms')
  })
  it('must refuse keyless records for a compacted topic', () => {
    expect(
      check({ topics: { a: { config: { 'cleanup.policy': 'compact' }, seed: { generate: { count: 1, value: 'x' } } } } }),
    ).toMatchObject([{ at: 'topics a seed' }])
    expect(
      check({ topics: { a: { config: { 'cleanup.policy': 'compact' }, seed: { generate: { count: 1, key: 'k', value: 'x' } } } } }),
    ).toEqual([])
  })
  it('must refuse ports beyond the last and a heap beyond the limit', () => {
    expect(check({ brokers: 3, port: 65_534, heap: '512m' }, { resources: { memoryBytes: 512 * 1024 * 1024 } })).toMatchObject([
      { at: 'port' },
      { at: 'heap' },
    ])
  })
  it('must refuse environment variables that would replace the configuration', () => {
    expect(check({}, { env: { KAFKA_LOG_RETENTION_HOURS: '1', KAFKA_HEAP_OPTS: '-Xmx1g', OTHER: '1' } })).toMatchObject([
      { at: 'env KAFKA_LOG_RETENTION_HOURS' },
    ])
  })
  it('must ask which of several ensembles is meant', () => {
    const ensembles = ['zk-a', 'zk-b'].map((name) => ({ name, kind: 'zookeeper' }))
    expect(check({ mode: 'zookeeper' }, {}, ensembles)).toMatchObject([{ at: 'mode' }])
    expect(check({ mode: 'zookeeper', zookeeper: 'zk-b' }, {}, ensembles)).toEqual([])
  })
})
