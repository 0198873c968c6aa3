// Makes the living forget a dead broker before it is started again. KRaft's controller refuses a second registration of a broker id until the session
// of the first has expired (9 s by default), after a kill and after a graceful stop alike; UnregisterBroker (KIP-631) ends it at once.
// In ZooKeeper mode there is no such request: nothing is done.
import type { NodeSpec } from '../../model/node.ts'
import type { ServiceContext } from '../../model/service.ts'
import { delay } from '../../util/async.ts'
import { membersOf } from './members.ts'
import type { KafkaOptions } from './options.ts'
import { throughAnyBroker } from './questions.ts'
import { metadata, unregisterBroker } from './wire/api/metadata.ts'
import { ERROR, throwOn, WireError } from './wire/errors.ts'

const WITHIN_MS = 5000
const EVERY_MS = 10

/**
 * Unregisters the broker of a node whose process is proven dead, and waits until a living broker no longer lists it.
 * Best effort: with nobody to tell it resolves, and the broker then waits for its old session as Kafka would have it.
 */
export async function kafkaBeforeRestart(node: NodeSpec, context: ServiceContext<KafkaOptions>, signal: AbortSignal): Promise<void> {
  if (context.service.options.mode !== 'kraft') return
  const members = membersOf(context.nodes)
  const self = members.find((one) => one.node === node.id)
  const others = members.filter((one) => one.node !== node.id && one.client)
  if (!self?.isBroker || others.length === 0) return
  const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
  try {
    await throughAnyBroker(others, within, async (connection) => {
      const { errorCode, message } = await connection.send(unregisterBroker, { id: self.number }, within)
      if (errorCode !== ERROR.brokerIdNotRegistered) throwOn('UnregisterBroker', errorCode, message)
      while ((await connection.send(metadata, { topics: [] }, within)).brokers.some((broker) => broker.id === self.number)) {
        await delay(EVERY_MS, within)
      }
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof WireError) && !within.aborted) throw error
  }
}
