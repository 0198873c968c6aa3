// Telling the living that a broker is dead: once, through one of them, and only when its way to the controller is known to work.
import { afterEach, describe, expect, it } from 'vitest'
import { API, type ToyBroker, toyBroker, writeMetadata, writeQuorum } from '../../../test/helpers/toy-broker.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ServiceContext } from '../../model/service.ts'
import type { KafkaOptions } from './options.ts'
import { kafkaBeforeRestart } from './rejoin.ts'

const open: ToyBroker[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

interface Cast {
  /** The quorum's leader by this broker's word, question after question; the last one stays. */
  readonly leaders: readonly number[]
  /** Error code of UnregisterBroker; 0 is success. */
  readonly unregister?: number
}

/** Kafka-1 is dead; each cast is another, living broker. */
async function living(casts: readonly Cast[]): Promise<readonly ToyBroker[]> {
  const brokers: ToyBroker[] = []
  const told = { of: false }
  for (const { leaders, unregister = 0 } of casts) {
    let question = 0
    brokers.push(
      await toyBroker((key, w) => {
        if (key === API.metadata) {
          const ids = told.of ? [2, 3] : [1, 2, 3]
          writeMetadata(w, { brokers: ids.map((id) => ({ id, host: '127.0.0.1', port: 1, rack: null })) })
        } else if (key === API.unregisterBroker) {
          told.of = true
          w.int32(0).int16(unregister).nullableString(null)
        } else {
          const leader = leaders[Math.min(question++, leaders.length - 1)] ?? -1
          writeQuorum(w, { leader, epoch: 1, voters: [], observers: [] })
        }
        return true
      }),
    )
  }
  open.push(...brokers)
  return brokers
}

const node = (number: number, port: number): NodeSpec =>
  ({
    id: `kafka-${number}`,
    service: 'kafka',
    role: 'combined',
    facts: { nodeId: number },
    place: { ports: { client: { host: { host: '127.0.0.1', port } } } },
  }) as unknown as NodeSpec

async function rejoin(brokers: readonly ToyBroker[], signal = AbortSignal.timeout(20_000)): Promise<void> {
  const dead = node(1, 1)
  const nodes = [dead, ...brokers.map(({ place }, index) => node(index + 2, place.port))]
  const context = { nodes, service: { options: { mode: 'kraft' } } } as unknown as ServiceContext<KafkaOptions>
  await kafkaBeforeRestart(dead, context, signal)
}

const unregistered = (brokers: readonly ToyBroker[]) =>
  brokers.flatMap((broker) => broker.asked).filter((key) => key === API.unregisterBroker).length

describe('a dead broker', () => {
  it('must be unregistered once, however many live', async () => {
    for (let round = 0; round < 20; round++) {
      const brokers = await living([{ leaders: [2] }, { leaders: [2] }])
      await rejoin(brokers)
      expect(unregistered(brokers)).toBe(1)
    }
  })

  it('must be unregistered when its successor as controller is elected, not while the dead one still counts as it', async () => {
    const brokers = await living([{ leaders: [1, -1, 3] }])
    await rejoin(brokers)
    expect(brokers[0]?.asked.slice(0, 4)).toEqual([API.describeQuorum, API.describeQuorum, API.describeQuorum, API.unregisterBroker])
  })

  it('must not hold up its start when nobody lives', async () => {
    const brokers = await living([{ leaders: [2] }])
    for (const broker of brokers) await broker.close()
    await rejoin(brokers)
    expect(unregistered(brokers)).toBe(0)
  })

  it('must be content with one that is not registered any more', async () => {
    const brokers = await living([{ leaders: [2], unregister: 102 }])
    await rejoin(brokers)
    expect(unregistered(brokers)).toBe(1)
  })

  it('must be told of to nobody once the caller gave up', async () => {
    const brokers = await living([{ leaders: [-1] }])
    await expect(rejoin(brokers, AbortSignal.timeout(200))).rejects.toThrow()
    expect(unregistered(brokers)).toBe(0)
  })
})
