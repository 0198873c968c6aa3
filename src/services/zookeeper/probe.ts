// Readiness of members and of the ensemble, asked from the host with `srvr`.
import type { NodeSpec } from '../../model/node.ts'
import type { Probe } from '../../model/probe.ts'
import { hostAddress, type ServiceContext } from '../../model/service.ts'
import { askMember, judge, type KnownNode } from './handshake.ts'
import type { ZookeeperOptions } from './options.ts'

function known(node: NodeSpec): KnownNode {
  return { id: node.id, role: node.role, ports: { client: hostAddress(node, 'client') }, facts: node.facts }
}

/** One member answers and has a mode. */
export function zookeeperProbe(node: NodeSpec): Probe {
  return async (signal) => {
    const answer = await askMember(known(node), signal)
    return 'why' in answer ? { ready: false, why: answer.why } : judge(known(node), answer.srvr)
  }
}

/** Every member has a mode, and exactly one leads (or stands alone). */
export function zookeeperUsable(context: ServiceContext<ZookeeperOptions>): Probe {
  return async (signal) => {
    const answers = await Promise.all(context.nodes.map(async (node) => ({ node, answer: await askMember(known(node), signal) })))
    for (const { node, answer } of answers) if ('why' in answer) return { ready: false, why: `${node.id}: ${answer.why}` }
    const leaders = answers.filter(({ answer }) => 'srvr' in answer && (answer.srvr.mode === 'leader' || answer.srvr.mode === 'standalone'))
    const [leader] = leaders
    if (!leader || leaders.length > 1)
      return { ready: false, why: leader ? `${leaders.map(({ node }) => node.id).join(' and ')} all lead` : 'no member leads' }
    return { ready: true, detail: context.nodes.length === 1 ? 'standalone' : `${leader.node.id} leads ${context.nodes.length} members` }
  }
}
