// Makes the living forget a broker's last run, so that its new one may register. KRaft's controller refuses a second registration of a broker id until
// the session of the first has expired (9 s by default, counted anew when the controller itself starts), after a kill and after a graceful stop alike;
// UnregisterBroker (KIP-631) ends it at once. It names only the id: sent when the new run is registered already, it would cast out the living, which
// never registers again. So it is sent only while the new run cannot be registered:
//
//   before its process is started                       someone of the cluster lives: a broker, else a controller
//   after it was refused, while the session still runs  everything was dead, and its own controllers come up with it
//
// In ZooKeeper mode there is no such request: nothing is done.
import type { NodeSpec } from '../../model/node.ts'
import type { LogLine } from '../../model/runtime.ts'
import type { ServiceContext } from '../../model/service.ts'
import { delay } from '../../util/async.ts'
import { membersOf } from './members.ts'
import type { KafkaOptions } from './options.ts'
import { type Member, throughAnyBroker } from './questions.ts'
import { metadata, unregisterBroker } from './wire/api/metadata.ts'
import { Connection } from './wire/connection.ts'
import { ERROR, throwOn, WireError } from './wire/errors.ts'

const WITHIN_MS = 5000
const EVERY_MS = 10
const RETRY_MS = 50
/** Kafka's default for broker.session.timeout.ms. */
const SESSION_MS = 9000
/** So long before the old session may expire nothing is sent any more: a request that a starved controller reads late could hit the new run. */
const MARGIN_MS = 3000

/** What a broker says when its id is taken: the time, and that it is so. */
const REFUSED = /^(\S+) \S+ .*Unable to register.*DUPLICATE_BROKER_REGISTRATION/

/**
 * Unregisters the broker of a node whose process is proven dead, and waits until a living broker no longer lists it.
 * Best effort: with nobody to tell it resolves, and the broker then waits for its old session as Kafka would have it.
 */
export async function kafkaBeforeRestart(node: NodeSpec, context: ServiceContext<KafkaOptions>, signal: AbortSignal): Promise<void> {
  if (context.service.options.mode !== 'kraft') return
  const members = membersOf(context.nodes)
  const self = members.find((one) => one.node === node.id)
  if (!self?.isBroker) return
  const others = members.filter((one) => one !== self)
  const within = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
  try {
    await throughAnyBroker(others, within, async (connection) => {
      await unregister(connection, self, within)
      while ((await connection.send(metadata, { topics: [] }, within)).brokers.some((broker) => broker.id === self.number)) {
        await delay(EVERY_MS, within)
      }
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof WireError) && !within.aborted) throw error
    await throughControllers(self, others, within)
  }
}

/**
 * When all controllers were started together with this node, nobody could be told before. The old session then runs from their start on, and until it
 * expires a broker that was refused once is refused: in that time the old registration is ended.
 */
export async function kafkaWhileRejoining(
  node: NodeSpec,
  context: ServiceContext<KafkaOptions>,
  lines: AsyncIterable<LogLine>,
  signal: AbortSignal,
): Promise<void> {
  const { mode, config } = context.service.options
  const members = membersOf(context.nodes)
  const self = members.find((one) => one.node === node.id)
  const startedAt = context.startedAt?.get(node.id)
  if (mode !== 'kraft' || !self?.isBroker || startedAt === undefined) return
  const begins = members.flatMap((one) => (one.isVoter ? [context.startedAt?.get(one.node) ?? Number.NEGATIVE_INFINITY] : []))
  const sessionMs = Number(config['broker.session.timeout.ms'] ?? SESSION_MS)
  const leftMs = () => Math.min(...begins) + sessionMs - MARGIN_MS - Date.now()
  if (leftMs() <= 0) return
  for await (const { text } of lines) {
    const at = REFUSED.exec(text)?.[1]
    // What the run before this one said is no proof.
    if (at === undefined || !(Date.parse(at) >= startedAt)) continue
    while (leftMs() > 0) {
      const within = AbortSignal.any([signal, AbortSignal.timeout(leftMs())])
      if ((await throughControllers(self, members, within)) !== 'nobody leads') return
      await delay(RETRY_MS, signal)
    }
    return
  }
}

/** `unknown`: sent, but what came of it was not told. It must not be sent again: it may have been heard, and the new run be registered by now. */
type Outcome = 'told' | 'nobody leads' | 'unknown'

/** Tells the leader of the quorum, whichever of these it is. */
async function throughControllers(self: Member, members: readonly Member[], signal: AbortSignal): Promise<Outcome> {
  for (const { controller } of members) {
    const connection = controller && (await Connection.open(controller, signal).catch(() => undefined))
    if (!connection) continue
    try {
      await unregister(connection, self, signal)
      return 'told'
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      if (error.kind !== 'kafka' || error.errorCode !== ERROR.notController) return 'unknown'
    } finally {
      connection.close()
    }
  }
  return 'nobody leads'
}

/** Not being registered is as good. */
async function unregister(connection: Connection, self: Member, signal: AbortSignal): Promise<void> {
  const { errorCode, message } = await connection.send(unregisterBroker, { id: self.number }, signal)
  if (errorCode !== ERROR.brokerIdNotRegistered) throwOn('UnregisterBroker', errorCode, message)
}
