// Is every node of this service there? Asked by `status` and by an `up` that finds nothing to do: loads Node's built-ins and the wire client only.
// One connection per broker, all in parallel; controllers are judged by one DescribeQuorum over one of them.
import type { Verdict } from '../../model/probe.ts'
import { type KnownNode, member } from './members.ts'
import { askBrokerOver, judgeVoter, say } from './questions.ts'
import { describeQuorum, type QuorumInfo } from './wire/api/metadata.ts'
import { Connection } from './wire/connection.ts'
import { WireError } from './wire/errors.ts'

/** Node id -> verdict, for all given nodes. Settles when the signal aborts at the latest; never rejects for a node that does not answer. */
export default async function handshake(nodes: readonly KnownNode[], signal: AbortSignal): Promise<Record<string, Verdict>> {
  const members = nodes.map(member)
  const connections = new Map(
    members.flatMap(({ node, client }) => {
      if (!client) return []
      const opening = Connection.open(client, signal)
      // Whoever asks over it hears of it.
      opening.catch(() => undefined)
      return [[node, opening] as const]
    }),
  )
  const needsQuorum = members.some((one) => !one.isBroker)
  const quorum = needsQuorum
    ? askQuorumOver([...connections.values()], signal).then(
        (answer) => ({ answer }),
        (error: unknown) => ({ why: say(error) }),
      )
    : undefined
  const verdicts = await Promise.all(
    members.map(async (self): Promise<[string, Verdict]> => {
      if (self.isBroker) return [self.node, await askBrokerOver(connections.get(self.node), self, members, signal)]
      const asked = await quorum
      if (!asked) return [self.node, { ready: false, why: `${self.node} was not asked` }]
      return [
        self.node,
        'answer' in asked ? judgeVoter(self, asked.answer) : { ready: false, why: `${self.node} cannot be judged: ${asked.why}` },
      ]
    }),
  )
  for (const opening of connections.values())
    void opening.then(
      (connection) => connection.close(),
      () => undefined,
    )
  return Object.fromEntries(verdicts)
}

/** Asks over the connection that opens first, over the next one when that fails: a broker has to ask the controller, so one question is enough. */
async function askQuorumOver(connections: readonly Promise<Connection>[], signal: AbortSignal): Promise<QuorumInfo> {
  const left = new Set(connections)
  let failure: unknown = new WireError('closed', 'no broker can be reached')
  for (;;) {
    const first = await Promise.any([...left].map((opening) => opening.then((connection) => ({ opening, connection })))).catch(
      () => undefined,
    )
    if (!first) throw failure
    left.delete(first.opening)
    try {
      return await first.connection.send(describeQuorum, undefined, signal)
    } catch (error) {
      failure = error
    }
  }
}
