// Whom a restart tells to forget the last run, and when it must not. Controllers and brokers answer by a script; real ones are test/process's.
import { afterEach, describe, expect, it } from 'vitest'
import { renderFixed } from '../../../test/helpers/place.ts'
import { API, type ToyBroker, toyBroker, writeMetadata } from '../../../test/helpers/toy-broker.ts'
import type { Address } from '../../model/placement.ts'
import type { LogLine } from '../../model/runtime.ts'
import type { ServiceContext } from '../../model/service.ts'
import kafka from './index.ts'
import type { KafkaOptions } from './options.ts'
import { kafkaBeforeRestart, kafkaWhileRejoining } from './rejoin.ts'
import { kafkaSchema } from './schema.ts'

const NOT_CONTROLLER = 41
const NOT_REGISTERED = 102
const open: ToyBroker[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

/** Answers UnregisterBroker with these codes, one after the other, the last one for ever; `silent` breaks off instead. Metadata lists nobody. */
async function server(...codes: readonly (number | 'silent')[]): Promise<ToyBroker> {
  let nth = 0
  const toy = await toyBroker((key, w) => {
    if (key === API.metadata) {
      writeMetadata(w, {})
      return true
    }
    const code = codes[Math.min(nth++, codes.length - 1)] ?? 0
    if (code === 'silent') {
      void toy.close()
      return false
    }
    w.int32(0).int16(code).nullableString(null)
    return true
  })
  open.push(toy)
  return toy
}

const unregistrations = (toy: ToyBroker) => toy.asked.filter((key) => key === API.unregisterBroker).length

/** An address where nobody listens. */
async function deadAddress(): Promise<Address> {
  const toy = await toyBroker(() => false)
  await toy.close()
  return toy.place
}

/** A service whose ports are where these servers are; a port that is not named is dead. */
async function context(
  options: Record<string, unknown>,
  servers: Readonly<Record<string, ToyBroker>>,
  startedAt: Readonly<Record<string, number>> = {},
): Promise<ServiceContext<KafkaOptions>> {
  const { cluster, nodes } = renderFixed({ kafka: options }, [kafka], 'container')
  const nowhere = await deadAddress()
  const placed = nodes.map((node) => {
    const ports = Object.entries(node.place.ports).map(([name, place]) => {
      const host = servers[`${node.id} ${name}`]?.place ?? nowhere
      return [name, place.host ? { ...place, host } : place] as const
    })
    return { ...node, place: { ...node.place, ports: Object.fromEntries(ports) } }
  })
  const [service] = cluster.services
  if (!service) throw new Error('no service')
  return {
    cluster,
    service: { ...service, options: kafkaSchema.parse(options) },
    nodes: placed,
    all: placed,
    startedAt: new Map(Object.entries(startedAt)),
  }
}

function nodeOf(service: ServiceContext<KafkaOptions>, id: string) {
  const node = service.nodes.find((one) => one.id === id)
  if (!node) throw new Error(`no node ${id}`)
  return node
}

const signal = () => AbortSignal.timeout(5000)

describe('before a broker is started again', () => {
  const restart = async (service: ServiceContext<KafkaOptions>, id = 'kafka-1') =>
    kafkaBeforeRestart(nodeOf(service, id), service, signal())

  it('must tell a living broker', async () => {
    const [other, controller] = [await server(0), await server(0)]
    await restart(await context({ brokers: 2, controllers: 1 }, { 'kafka-2 client': other, 'kafka-controller-1 controller': controller }))
    expect([unregistrations(other), unregistrations(controller)]).toEqual([1, 0])
  })

  it('must tell the controller where no other broker lives', async () => {
    const controller = await server(0)
    await restart(await context({ brokers: 2, controllers: 1 }, { 'kafka-controller-1 controller': controller }))
    expect(unregistrations(controller)).toBe(1)
  })

  it('must tell the one of several controllers that leads, and be content with a broker it does not know', async () => {
    const controllers = [await server(NOT_CONTROLLER), await server(NOT_REGISTERED), await server(0)] as const
    await restart(
      await context(
        { brokers: 1, controllers: 3 },
        Object.fromEntries(controllers.map((one, index) => [`kafka-controller-${index + 1} controller`, one])),
      ),
    )
    expect(controllers.map(unregistrations)).toEqual([1, 1, 0])
  })

  it('must not wait where everything is dead', async () => {
    await restart(await context({ brokers: 3, controllers: 1 }, {}))
    await restart(await context({ brokers: 1 }, {}))
  })
})

describe('while a broker comes back together with its controllers', () => {
  const now = Date.now()
  const refusal = (atMs: number): LogLine => ({
    node: 'kafka-1',
    stream: 'stdout',
    text: `${new Date(atMs).toISOString()} INFO [BrokerLifecycleManager id=1] Unable to register broker 1 because the controller returned error DUPLICATE_BROKER_REGISTRATION (org.apache.kafka.server.BrokerLifecycleManager)`,
  })
  const other: LogLine = { node: 'kafka-1', stream: 'stdout', text: `${new Date(now).toISOString()} INFO Kafka version: 4.3.1` }

  /** The log of a node: these lines, and nothing more to come. */
  async function* log(...lines: readonly LogLine[]): AsyncGenerator<LogLine> {
    yield* lines
  }
  const rejoin = async (service: ServiceContext<KafkaOptions>, ...lines: readonly LogLine[]) =>
    kafkaWhileRejoining(nodeOf(service, 'kafka-1'), service, log(...lines), signal())
  /** One combined node, started just now. */
  const single = (controller: ToyBroker, options = {}, startedAt: Record<string, number> = { 'kafka-1': now }) =>
    context({ brokers: 1, ...options }, { 'kafka-1 controller': controller }, startedAt)

  it('must end the old registration once the new one was refused', async () => {
    const controller = await server(0)
    await rejoin(await single(controller), other, refusal(now), refusal(now + 500))
    expect(unregistrations(controller)).toBe(1)
  })

  it('must wait for a controller that does not lead yet', async () => {
    const controller = await server(NOT_CONTROLLER, NOT_CONTROLLER, 0)
    await rejoin(await single(controller), refusal(now))
    expect(unregistrations(controller)).toBe(3)
  })

  it('must tell whichever of several combined nodes leads', async () => {
    const [one, two] = [await server(NOT_CONTROLLER), await server(0)]
    const startedAt = { 'kafka-1': now, 'kafka-2': now, 'kafka-3': now }
    await rejoin(
      await context({ brokers: 3, controllers: 'combined' }, { 'kafka-1 controller': one, 'kafka-3 controller': two }, startedAt),
      refusal(now),
    )
    expect([unregistrations(one), unregistrations(two)]).toEqual([1, 1])
  })

  it.each<[string, { options?: object; startedAt?: Record<string, number>; lines?: readonly LogLine[] }]>([
    ['was not refused', { lines: [other] }],
    ['was refused in its run before', { lines: [refusal(now - 20)] }],
    ['may have lost its old session by now', { startedAt: { 'kafka-1': now - 8000 } }],
    ['has a session shorter than is safe', { options: { config: { 'broker.session.timeout.ms': 2500 } } }],
    ['was not started now', { startedAt: {} }],
  ])('must not touch the registration of a broker that %s', async (_, { options, startedAt, lines = [refusal(now)] }) => {
    const controller = await server(0)
    await rejoin(await single(controller, options, startedAt), ...lines)
    expect(unregistrations(controller)).toBe(0)
  })

  it('must not touch it where a controller was there before: its session runs since then', async () => {
    const controller = await server(0)
    const service = await context({ brokers: 1, controllers: 1 }, { 'kafka-controller-1 controller': controller }, { 'kafka-1': now })
    await rejoin(service, refusal(now))
    expect(unregistrations(controller)).toBe(0)
  })

  it('must not send again what may have been heard', async () => {
    const controller = await server('silent', 0)
    await rejoin(await single(controller), refusal(now), refusal(now + 500))
    expect(unregistrations(controller)).toBe(1)
  })
})
