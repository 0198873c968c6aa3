// Readiness of the service as a whole: it has a controller, and consumer groups can work. Asks only; the loop is the engine's.
import type { Probe, Verdict } from '../../model/probe.ts'
import type { ServiceContext } from '../../model/service.ts'
import { membersOf } from './members.ts'
import type { KafkaOptions } from './options.ts'
import { askCoordinator, askQuorum, askZkController, judgeVoter, type Member } from './questions.ts'

async function askKraft(members: readonly Member[], signal: AbortSignal): Promise<Verdict> {
  const quorum = await askQuorum(members, signal)
  for (const voter of members.filter((one) => one.isVoter)) {
    const verdict = judgeVoter(voter, quorum)
    if (!verdict.ready) return verdict
  }
  return { ready: true, detail: `quorum leader ${quorum.leader}` }
}

/** KRaft: DescribeQuorum names a leader and all voters follow it. ZooKeeper mode: the controller is a live broker. Both: the group coordinator answers. */
export function kafkaUsable(context: ServiceContext<KafkaOptions>): Probe {
  const members = membersOf(context.nodes)
  const { mode } = context.service.options
  return async (signal) => {
    try {
      const [control, coordinator] = await Promise.all([
        mode === 'kraft' ? askKraft(members, signal) : askZkController(members, signal),
        askCoordinator(members, signal),
      ])
      if (!control.ready) return control
      if (!coordinator.ready) return coordinator
      return { ready: true, detail: `${control.detail}, ${coordinator.detail}` }
    } catch (error) {
      return { ready: false, why: error instanceof Error ? error.message : String(error) }
    }
  }
}
