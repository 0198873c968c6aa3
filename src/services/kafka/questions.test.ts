// Verdicts of the quorum's members, and what an unreachable broker is told as. Answers of real brokers are test/process's.
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { askBroker, judgeInSync, judgeVoter, type Member } from './questions.ts'
import type { QuorumInfo } from './wire/api/metadata.ts'

const self: Member = { node: 'kafka-controller-2', number: 102, isBroker: false, isVoter: true }
const NOW = 1_000_000
const quorum = (more: { leader?: number; lastFetch?: number; voters?: readonly number[] } = {}): QuorumInfo => ({
  leader: more.leader ?? 101,
  epoch: 4,
  voters: (more.voters ?? [101, 102]).map((id) => ({ id, logEndOffset: 9, lastFetch: id === 101 ? NOW : (more.lastFetch ?? NOW - 200) })),
  observers: [],
})

describe('a voter', () => {
  it('must be ready as the leader, or as a follower that fetches', () => {
    expect(judgeVoter(self, quorum({ leader: 102 }))).toEqual({ ready: true, detail: 'leads the quorum (epoch 4)' })
    expect(judgeVoter(self, quorum())).toEqual({ ready: true, detail: 'follows 101' })
  })

  it.each([
    [quorum({ leader: -1 }), 'kafka-controller-2: the quorum has no leader'],
    [quorum({ voters: [101, 103] }), 'kafka-controller-2 is not among the voters (101, 103)'],
    [quorum({ lastFetch: -1 }), 'kafka-controller-2 has not yet fetched from the leader 101'],
    [quorum({ lastFetch: NOW - 4500 }), 'kafka-controller-2 has not fetched from the leader 101 for 4.5 s'],
  ])('must say why it is not ready (%#)', (answer, why) => {
    expect(judgeVoter(self, answer)).toEqual({ ready: false, why })
  })
})

describe('a broker that was started again', () => {
  /** Broker 2, whose Metadata lists brokers 1 and 2 and these partitions of one topic. */
  const judged = (partitions: readonly { leader: number; isr: readonly number[]; replicas?: readonly number[] }[]) =>
    judgeInSync(
      { node: 'kafka-2', number: 2, isBroker: true, isVoter: false },
      {
        brokers: [1, 2].map((id) => ({ id, host: '127.0.0.1', port: 1, rack: null })),
        topics: [
          {
            errorCode: 0,
            name: 'orders',
            id: '',
            internal: false,
            partitions: partitions.map(({ leader, isr, replicas = [1, 2, 3] }, index) => ({ errorCode: 0, index, leader, replicas, isr })),
          },
        ],
      },
    )

  it('must not be ready before every living leader counts its replicas as in sync', () => {
    expect(
      judged([
        { leader: 1, isr: [1, 2] },
        { leader: 1, isr: [1] },
        { leader: 2, isr: [2] },
        { leader: 1, isr: [1] },
      ]),
    ).toEqual({ ready: false, why: 'kafka-2 is not yet in sync with the leader of orders-1 and 1 more' })
    expect(judged([{ leader: 1, isr: [2, 1] }]).ready).toBe(true)
  })

  it('must not wait for partitions that it does not hold, or that nobody living leads', () => {
    expect(
      judged([
        { leader: 1, isr: [1], replicas: [1, 3] },
        { leader: -1, isr: [3] },
        { leader: 3, isr: [3] },
      ]).ready,
    ).toBe(true)
  })
})

describe('a broker', () => {
  it('must not be ready because its port is open: a server that accepts and says nothing proves nothing', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume())
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    const broker: Member = { node: 'kafka-1', number: 1, isBroker: true, isVoter: false, client: { host: '127.0.0.1', port } }
    expect(await askBroker(broker, [broker], AbortSignal.timeout(50))).toEqual({
      ready: false,
      why: `kafka-1: Metadata to 127.0.0.1:${port}: no answer in time`,
    })
    await new Promise((resolve) => server.close(resolve))
    expect(await askBroker(broker, [broker], AbortSignal.timeout(1000))).toEqual({
      ready: false,
      why: `kafka-1: 127.0.0.1:${port} refuses connections`,
    })
  })
})
