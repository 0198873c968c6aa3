import { describe, expect, it } from 'vitest'
import type { ServiceSpec } from '../../model/spec.ts'
import kafka from './index.ts'
import type { KafkaOptions } from './options.ts'
import { kafkaSchema } from './schema.ts'
import { kafkaShape, nodeNumber } from './shape.ts'

function service(given: object, more: Partial<ServiceSpec<KafkaOptions>> = {}): ServiceSpec<KafkaOptions> {
  return {
    name: 'bus',
    kind: 'kafka',
    options: kafkaSchema.parse(given),
    needs: [],
    env: {},
    resources: {},
    volumes: [],
    implied: false,
    ...more,
  }
}

describe('kafkaShape', () => {
  it('must number brokers from 1 and controllers from 101, and stop brokers first', () => {
    const shapes = kafkaShape(service({ brokers: 2, controllers: 3 }))
    expect(shapes.map((shape) => [shape.id, shape.role, nodeNumber(shape), shape.stopRank, Object.keys(shape.ports).join()])).toEqual([
      ['bus-1', 'broker', 1, 0, 'client,internal'],
      ['bus-2', 'broker', 2, 0, 'client,internal'],
      ['bus-controller-1', 'controller', 101, 1, 'controller'],
      ['bus-controller-2', 'controller', 102, 1, 'controller'],
      ['bus-controller-3', 'controller', 103, 1, 'controller'],
    ])
  })
  it('must make combined nodes voters', () => {
    expect(
      kafkaShape(service({ brokers: 3, controllers: 'combined' })).map((shape) => [shape.role, Object.keys(shape.ports).join()]),
    ).toEqual(Array(3).fill(['combined', 'client,internal,controller']))
  })
  it('must count fixed ports up from the first, and publish only what clients use', () => {
    const shapes = kafkaShape(service({ brokers: 2, port: 9092 }, { debug: 5005 }))
    expect(shapes.map((shape) => [shape.ports['client']?.wanted, shape.ports['debug']?.wanted])).toEqual([
      [9092, 5005],
      [9093, 5006],
      [undefined, undefined],
    ])
    expect(Object.entries(shapes[0]?.ports ?? {}).map(([name, port]) => [name, port.published])).toEqual([
      ['client', true],
      ['internal', false],
      ['debug', true],
    ])
  })
})

describe('mode zookeeper', () => {
  const zk = { name: 'zk', kind: 'zookeeper' }
  it('must refer to the named ensemble, else the only one, else an implied one', () => {
    const name = (given: object, existing: readonly { name: string; kind: string }[]) =>
      kafka.references?.(kafkaSchema.parse({ mode: 'zookeeper', ...given }), existing).map((reference) => reference.name)
    expect(name({ zookeeper: 'other' }, [zk])).toEqual(['other'])
    expect(name({}, [zk])).toEqual(['zk'])
    expect(name({}, [])).toEqual(['zookeeper'])
    expect(kafka.references?.(kafkaSchema.parse({}), [zk])).toEqual([])
  })
  it('must imply a single member only where there is none', () => {
    expect(kafka.implies?.(service({ mode: 'zookeeper' }), [])).toEqual({ zookeeper: { kind: 'zookeeper', options: {} } })
    expect(kafka.implies?.(service({ mode: 'zookeeper' }), [zk])).toEqual({})
    expect(kafka.implies?.(service({}), [])).toEqual({})
  })
})
