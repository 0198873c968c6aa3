// When topics count as serving, against brokers that answer by a script.
import { afterEach, describe, expect, it } from 'vitest'
import { API, readOffsetsRequest, type ToyBroker, toyBroker, writeMetadata, writeOffsets } from '../../../../test/helpers/toy-broker.ts'
import type { TopicInfo } from '../wire/api/metadata.ts'
import { KafkaClient } from '../wire/client.ts'
import { awaitServed, type Expected } from './serve.ts'

const OLD = Buffer.alloc(16, 1).toString('base64url')
const NEW = Buffer.alloc(16, 2).toString('base64url')
const UNKNOWN_TOPIC = 3
const NOT_LEADER = 6

/** Topic `t`: partition i is led by leaders[i], both brokers hold it. */
const topic = (more: { id?: string; leaders?: readonly number[]; isr?: readonly number[]; errorCode?: number } = {}): TopicInfo => ({
  errorCode: more.errorCode ?? 0,
  name: 't',
  id: more.id ?? NEW,
  internal: false,
  partitions: (more.leaders ?? [1, 2]).map((leader, index) => ({
    errorCode: 0,
    index,
    leader,
    replicas: [1, 2],
    isr: more.isr ?? [1, 2],
  })),
})

interface Plan {
  /** What Metadata says, call by call; the last one goes on. */
  readonly views: readonly TopicInfo[]
  /** The error code of ListOffsets for a partition, call by call; the last one goes on. Default: 0. */
  readonly offsets?: Readonly<Record<number, readonly number[]>>
}

const open: { close(): Promise<void> }[] = []

/** A broker that plays a plan, and which partitions it was asked for, request by request. */
async function play({ views, offsets = {} }: Plan): Promise<{ broker: ToyBroker; askedFor: number[][] }> {
  let looked = 0
  const asked = new Map<number, number>()
  const askedFor: number[][] = []
  const broker = await toyBroker((key, w, body) => {
    if (key === API.metadata) {
      const view = views[Math.min(looked++, views.length - 1)]
      writeMetadata(w, { topics: view ? [view] : [] })
    } else {
      const questions = readOffsetsRequest(body)
      askedFor.push(questions.map(({ partition }) => partition))
      writeOffsets(
        w,
        questions.map(({ topic: name, partition }) => {
          const codes = offsets[partition] ?? [0]
          const nth = asked.get(partition) ?? 0
          asked.set(partition, nth + 1)
          return { topic: name, partition, errorCode: codes[Math.min(nth, codes.length - 1)] ?? 0, offset: 0 }
        }),
      )
    }
    return true
  })
  open.push(broker)
  return { broker, askedFor }
}

async function served(plans: readonly [Plan, Plan], expected: Partial<Expected> = {}) {
  const [one, two] = await Promise.all([play(plans[0]), play(plans[1])])
  const client = new KafkaClient(new Map([one, two].map(({ broker }, index) => [index + 1, broker.place])), AbortSignal.timeout(5000))
  open.unshift(client)
  const topics = await awaitServed(
    client,
    [{ name: 't', partitions: 2, id: NEW, fresh: true, ...expected }],
    new Map(),
    AbortSignal.timeout(5000),
  )
  const metadataCalls = (broker: ToyBroker) => broker.asked.filter((key) => key === API.metadata).length
  return { topics, askedFor: [one.askedFor, two.askedFor], looks: [metadataCalls(one.broker), metadataCalls(two.broker)] }
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

describe('waiting until topics serve', () => {
  it('must ask every broker for its view, and each leader for what it leads', async () => {
    const { topics, askedFor } = await served([{ views: [topic()] }, { views: [topic()] }])
    expect(topics.get('t')?.id).toBe(NEW)
    expect(askedFor).toEqual([[[0]], [[1]]])
  })

  it.each([
    ['does not know the topic', topic({ errorCode: UNKNOWN_TOPIC, leaders: [] })],
    ['knows the deleted one', topic({ id: OLD })],
    ['knows one partition of two', topic({ leaders: [1] })],
    ['knows a partition without a leader', topic({ leaders: [1, -1] })],
    ['knows a partition out of sync', topic({ isr: [1] })],
  ])('must wait for a broker that %s, without asking the other one again', async (_, lagging) => {
    const { looks } = await served([{ views: [topic()] }, { views: [lagging, lagging, topic()] }])
    expect(looks).toEqual([1, 3])
  })

  it('must not wait for in-sync sets of topics that were there before', async () => {
    const { looks } = await served([{ views: [topic({ isr: [1] })] }, { views: [topic({ isr: [1] })] }], { fresh: false })
    expect(looks).toEqual([1, 1])
  })

  it('must ask again only for partitions that did not answer', async () => {
    const all = topic({ leaders: [1, 1] })
    const { askedFor } = await served([{ views: [all], offsets: { 1: [NOT_LEADER, NOT_LEADER, 0] } }, { views: [all] }])
    expect(askedFor).toEqual([[[0, 1], [1], [1]], []])
  })

  it('must not take a partition for served that no broker says it leads', async () => {
    // Each takes the other for the leader of partition 0, until the second one knows better.
    const { askedFor, looks } = await served([
      { views: [topic({ leaders: [2, 2] })] },
      { views: [topic({ leaders: [1, 2] }), topic({ leaders: [2, 2] })] },
    ])
    expect(askedFor).toEqual([[], [[1], [0]]])
    expect(looks).toEqual([2, 2])
  })

  it('must end when it is told to, with the reason it was given', async () => {
    const { broker } = await play({ views: [topic({ id: OLD })] })
    const client = new KafkaClient(new Map([[1, broker.place]]), AbortSignal.timeout(5000))
    open.unshift(client)
    const stop = new AbortController()
    const waiting = awaitServed(client, [{ name: 't', partitions: 2, id: NEW, fresh: true }], new Map(), stop.signal)
    stop.abort(new Error('interrupted'))
    await expect(waiting).rejects.toThrow('interrupted')
  })
})
