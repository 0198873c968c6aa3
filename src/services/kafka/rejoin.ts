// Makes the living forget a dead broker before it is started again. KRaft's controller refuses a second registration of a broker id until the session
// of the first has expired (9 s by default), after a kill and after a graceful stop alike; UnregisterBroker (KIP-631) ends it at once.
// In ZooKeeper mode there is no such request: nothing is done.
//
// The request names only the broker's id: one that arrives late ends the new registration, and a broker that loses its registration while it lives
// never registers again. So it is sent once, through one broker, whose way to the controller has just been used; and it is never abandoned unanswered.
import type { NodeSpec } from '../../model/node.ts'
import type { ServiceContext } from '../../model/service.ts'
import { delay } from '../../util/async.ts'
import { membersOf } from './members.ts'
import type { KafkaOptions } from './options.ts'
import type { Member } from './questions.ts'
import { describeQuorum, metadata, unregisterBroker } from './wire/api/metadata.ts'
import { Connection } from './wire/connection.ts'
import { ERROR, mayPass, throwOn, WireError } from './wire/errors.ts'

/** Until a broker is found that knows a living controller: an election takes 1 to 2 s. */
const MESSENGER_WITHIN_MS = 5_000
/** A broker gives up a forwarded request after 30 s (controller.socket.timeout.ms): from then on it can no longer be carried out. */
const ANSWER_WITHIN_MS = 35_000
const FORGOTTEN_WITHIN_MS = 5_000
const EVERY_MS = 10
const ELECTION_EVERY_MS = 50

/**
 * Unregisters the broker of a node whose process is proven dead, and waits until the broker that passed it on no longer lists it.
 * Best effort: with nobody to tell it resolves, and the broker then waits for its old session as Kafka would have it.
 */
export async function kafkaBeforeRestart(node: NodeSpec, context: ServiceContext<KafkaOptions>, signal: AbortSignal): Promise<void> {
  if (context.service.options.mode !== 'kraft') return
  const members = membersOf(context.nodes)
  const self = members.find((one) => one.node === node.id)
  if (!self?.isBroker) return
  const others = members.filter((one) => one.node !== node.id && one.client)
  const messenger = await findMessenger(self, others, AbortSignal.any([signal, AbortSignal.timeout(MESSENGER_WITHIN_MS)]))
  signal.throwIfAborted()
  if (!messenger) return
  try {
    const { errorCode, message } = await messenger.send(
      unregisterBroker,
      { id: self.number },
      AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    )
    if (errorCode !== ERROR.brokerIdNotRegistered) throwOn('UnregisterBroker', errorCode, message)
    const forgotten = AbortSignal.any([signal, AbortSignal.timeout(FORGOTTEN_WITHIN_MS)])
    while ((await messenger.send(metadata, { topics: [] }, forgotten)).brokers.some((broker) => broker.id === self.number)) {
      await delay(EVERY_MS, forgotten)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof WireError) && !isTimeout(error)) throw error
  } finally {
    messenger.close()
  }
}

/** A connection to the first broker that names a living controller; undefined when no broker can be reached, or none names one in time. */
async function findMessenger(self: Member, others: readonly Member[], signal: AbortSignal): Promise<Connection | undefined> {
  const found = new AbortController()
  const attempts = others.map(async ({ client }) => {
    if (!client) throw new WireError('closed', 'no address')
    const connection = await Connection.open(client, AbortSignal.any([signal, found.signal]))
    try {
      await namesController(connection, self, AbortSignal.any([signal, found.signal]))
      if (found.signal.aborted) throw new WireError('closed', 'another was faster')
      found.abort(new Error('another was faster'))
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  })
  return Promise.any(attempts).catch(() => undefined)
}

/** Resolves when the broker names a controller other than the dead one: an answer came from that very controller, so the next request reaches it too. */
async function namesController(connection: Connection, self: Member, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leader = await connection.send(describeQuorum, undefined, signal).then(
      (quorum) => quorum.leader,
      (error: unknown) => {
        // An election is told as an error as well.
        if (error instanceof WireError && error.kind === 'kafka' && mayPass(error)) return -1
        throw error
      },
    )
    if (leader >= 0 && leader !== self.number) return
    await delay(ELECTION_EVERY_MS, signal)
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
