import { describe, expect, it } from 'vitest'
import { describeNode, renderFixed } from '../../../test/helpers/place.ts'
import type { Via } from '../../model/node.ts'
import zookeeper from '../zookeeper/index.ts'
import kafka from './index.ts'

const CASES: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  'one-broker': { kafka: {} },
  'three-and-one': { kafka: { brokers: 3, racks: ['a', 'b'], config: { 'log.retention.hours': 1, 'min.insync.replicas': 2 }, port: 9092 } },
  'three-combined': { kafka: { version: '4.1', brokers: 3, controllers: 'combined', heap: '384m' } },
  'three-on-zookeeper': { zookeeper: { members: 3 }, kafka: { mode: 'zookeeper', brokers: 3 } },
  stock: { kafka: { version: '4.4', brokers: 1, tuning: 'stock' } },
}

describe.each<Via>(['process', 'container'])('rendered as %s', (via) => {
  it.each(Object.keys(CASES))('%s must stay as reviewed', async (name) => {
    const { nodes } = renderFixed(CASES[name] ?? {}, [kafka, zookeeper], via)
    await expect(nodes.map(describeNode).join('\n')).toMatchFileSnapshot(`golden/${name}.${via}.txt`)
  })
})
