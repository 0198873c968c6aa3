// The quick proof of a service, against brokers that answer by a script.
import { afterEach, describe, expect, it } from 'vitest'
import { API, type ToyBroker, toyBroker, writeMetadata, writeQuorum } from '../../../test/helpers/toy-broker.ts'
import handshake from './handshake.ts'
import type { KnownNode } from './members.ts'

const open: ToyBroker[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

interface Cast {
  /** Ids that Metadata of the broker lists; default: all three. */
  readonly lists?: readonly number[]
  /** Does it answer DescribeQuorum? `silent`: it says nothing at all, to anything. */
  readonly quorum?: 'answers' | 'refuses' | 'silent'
}

/** Three brokers and a controller, as `status` knows them. */
async function three(casts: readonly [Cast, Cast, Cast]): Promise<{ nodes: KnownNode[]; brokers: readonly ToyBroker[] }> {
  const brokers: ToyBroker[] = []
  for (const { lists = [1, 2, 3], quorum = 'answers' } of casts) {
    brokers.push(
      await toyBroker((key, w) => {
        if (quorum === 'silent') return false
        if (key === API.metadata) {
          writeMetadata(w, {
            brokers: lists.map((id) => ({ id, host: '127.0.0.1', port: brokers[id - 1]?.place.port ?? 0, rack: null })),
          })
        } else if (quorum === 'refuses') w.int16(-1)
        else {
          const now = Date.now()
          writeQuorum(w, { leader: 101, epoch: 1, voters: [{ id: 101, logEndOffset: 9, lastFetch: now }], observers: [] })
        }
        return true
      }),
    )
  }
  open.push(...brokers)
  const known = brokers.map(
    ({ place }, index): KnownNode => ({ id: `kafka-${index + 1}`, role: 'broker', ports: { client: place }, facts: { nodeId: index + 1 } }),
  )
  return { brokers, nodes: [...known, { id: 'kafka-controller-1', role: 'controller', ports: {}, facts: { nodeId: 101 } }] }
}

const ask = (nodes: readonly KnownNode[], withinMs = 5000) => handshake(nodes, AbortSignal.timeout(withinMs))
const readyOf = (verdicts: Awaited<ReturnType<typeof handshake>>) =>
  Object.fromEntries(Object.entries(verdicts).map(([id, { ready }]) => [id, ready]))

describe('the handshake of a service', () => {
  it('must ask every broker for its own view, and one of them for the quorum, over one connection each', async () => {
    const { nodes, brokers } = await three([{}, {}, {}])
    expect(readyOf(await ask(nodes))).toEqual({ 'kafka-1': true, 'kafka-2': true, 'kafka-3': true, 'kafka-controller-1': true })
    expect(brokers.map((broker) => broker.connections())).toEqual([1, 1, 1])
    const asked = brokers.map((broker) => broker.asked)
    expect(asked.every((keys) => keys.filter((key) => key === API.metadata).length === 1)).toBe(true)
    expect(asked.flat().filter((key) => key === API.describeQuorum)).toHaveLength(1)
  })

  it('must tell which broker lists too few', async () => {
    const { nodes } = await three([{}, { lists: [1, 2] }, {}])
    const verdicts = await ask(nodes)
    expect(verdicts['kafka-2']).toEqual({ ready: false, why: 'kafka-2 answers, but lists 2 of 3 brokers (1, 2)' })
    expect(readyOf(verdicts)).toMatchObject({ 'kafka-1': true, 'kafka-3': true, 'kafka-controller-1': true })
  })

  it('must ask the next broker for the quorum when one cannot say', async () => {
    const { nodes } = await three([{ quorum: 'refuses' }, { quorum: 'refuses' }, {}])
    expect(readyOf(await ask(nodes))).toMatchObject({ 'kafka-controller-1': true })
  })

  it('must ask another broker for the quorum when one is gone', async () => {
    const { nodes, brokers } = await three([{}, {}, {}])
    await brokers[0]?.close()
    const verdicts = await ask(nodes)
    expect(readyOf(verdicts)).toEqual({ 'kafka-1': false, 'kafka-2': true, 'kafka-3': true, 'kafka-controller-1': true })
    expect(verdicts['kafka-1']).toMatchObject({ why: `kafka-1: 127.0.0.1:${brokers[0]?.place.port} refuses connections` })
  })

  it('must say so when nobody can be reached', async () => {
    const { nodes, brokers } = await three([{}, {}, {}])
    for (const broker of brokers) await broker.close()
    expect((await ask(nodes))['kafka-controller-1']).toEqual({
      ready: false,
      why: 'kafka-controller-1 cannot be judged: no broker can be reached',
    })
  })

  it('must not wait for a silent broker longer than it is told to', async () => {
    const { nodes } = await three([{ quorum: 'silent' }, { quorum: 'silent' }, { quorum: 'silent' }])
    expect(Object.values(readyOf(await ask(nodes, 50)))).toEqual([false, false, false, false])
  })
})
