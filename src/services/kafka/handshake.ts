// Is every node of this service there? Asked by `status` and by an `up` that finds nothing to do: loads Node's built-ins and the wire client only.
// One connection per broker, all in parallel; controllers are judged by one DescribeQuorum through a live broker.
import type { Verdict } from '../../model/probe.ts'
import { type KnownNode, member } from './members.ts'
import { askBroker, askQuorum, judgeVoter } from './questions.ts'

/** Node id -> verdict, for all given nodes. Settles when the signal aborts at the latest; never rejects for a node that does not answer. */
export default async function handshake(nodes: readonly KnownNode[], signal: AbortSignal): Promise<Record<string, Verdict>> {
  const members = nodes.map(member)
  const controllers = members.filter((one) => !one.isBroker)
  const quorum =
    controllers.length === 0
      ? undefined
      : askQuorum(members, signal).then(
          (answer) => ({ answer }),
          (error: unknown) => ({ why: error instanceof Error ? error.message : String(error) }),
        )
  const verdicts = await Promise.all(
    members.map(async (self): Promise<[string, Verdict]> => {
      if (self.isBroker) return [self.node, await askBroker(self, members, signal)]
      const asked = await quorum
      if (!asked) return [self.node, { ready: false, why: `${self.node} was not asked` }]
      return [
        self.node,
        'answer' in asked ? judgeVoter(self, asked.answer) : { ready: false, why: `${self.node} cannot be judged: ${asked.why}` },
      ]
    }),
  )
  return Object.fromEntries(verdicts)
}
