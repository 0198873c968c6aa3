// What must change so that declared topics exist as declared.
import { describe, expect, it } from 'vitest'
import type { KafkaTopic } from '../options.ts'
import { diffTopics, type ExistingTopic } from './diff.ts'

const declared = (more: Partial<KafkaTopic> = {}): KafkaTopic => ({ partitions: 2, replicas: 1, config: {}, ...more })
const found = (more: { partitions?: number; settings?: Record<string, [string, boolean]>; ownKeys?: string[] } = {}): ExistingTopic => ({
  info: {
    errorCode: 0,
    name: 't',
    id: 'x',
    internal: false,
    partitions: Array.from({ length: more.partitions ?? 2 }, (_, index) => ({ errorCode: 0, index, leader: 1, replicas: [1], isr: [1] })),
  },
  settings: new Map(Object.entries(more.settings ?? {}).map(([key, [value, setOnTopic]]) => [key, { value, setOnTopic }])),
  ownKeys: more.ownKeys ?? [],
})
const diff = (topic: KafkaTopic, existing?: ExistingTopic) => diffTopics({ t: topic }, new Map(existing ? [['t', existing]] : []))
const nothing = { create: [], partitions: [], configs: [], conflicts: [] }

describe('declared topics against existing ones', () => {
  it('must plan nothing where nothing differs', () => {
    expect(diff(declared({ config: { a: '1' } }), found({ settings: { a: ['1', true] } }))).toEqual(nothing)
  })

  it('must create what is absent', () => {
    expect(diff(declared({ config: { a: '1' } }))).toEqual({
      ...nothing,
      create: [{ name: 't', partitions: 2, replicas: 1, config: { a: '1' } }],
    })
  })

  it('must ask the broker for another number of partitions, more or fewer: it has the words for a refusal', () => {
    expect(diff(declared({ partitions: 4 }), found()).partitions).toEqual([{ name: 't', from: 2, count: 4 }])
    expect(diff(declared({ partitions: 1 }), found()).partitions).toEqual([{ name: 't', from: 2, count: 1 }])
  })

  it('must set what differs or is only a default, and take back only what the file once set', () => {
    const existing = found({
      settings: { a: ['1', true], b: ['2', false], mine: ['3', true], theirs: ['4', true] },
      ownKeys: ['mine', 'a'],
    })
    expect(diff(declared({ config: { a: '9', b: '2' } }), existing).configs).toEqual([
      {
        name: 't',
        changes: [
          { key: 'a', value: '9' },
          { key: 'b', value: '2' },
          { key: 'mine', value: null },
        ],
      },
    ])
  })

  it('must call another replication factor a conflict, in exact words', () => {
    expect(diff(declared({ replicas: 3 }), found()).conflicts).toEqual(['topic t has 1 replica per partition, the file declares 3'])
  })
})
