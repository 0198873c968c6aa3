// Readiness of one node. The loop is the engine's.
import type { NodeSpec } from '../../model/node.ts'
import type { Probe } from '../../model/probe.ts'
import type { ServiceContext } from '../../model/service.ts'
import { member, membersOf } from './members.ts'
import type { KafkaOptions } from './options.ts'
import { askBroker, askController, type Member } from './questions.ts'

/**
 * A broker (or combined node) lists all brokers and, where it was just started, is in sync with the leaders of its replicas; a dedicated controller is a
 * voter that follows the leader, by a broker's word.
 */
export function kafkaProbe(node: NodeSpec, context: ServiceContext<KafkaOptions>): Probe {
  const members = membersOf(context.nodes)
  const self: Member = members.find((one) => one.node === node.id) ?? member({ id: node.id, role: node.role, ports: {}, facts: node.facts })
  return (signal) => {
    const startedAt = context.startedAt?.get(node.id)
    return self.isBroker ? askBroker(self, members, signal, startedAt !== undefined) : askController(self, members, signal, startedAt)
  }
}
