// The nodes of a service as the questions in questions.ts want them. Pure.
import type { NodeSpec } from '../../model/node.ts'
import { KAFKA_PORTS } from './options.ts'
import type { Member } from './questions.ts'
import type { BrokerAddress } from './wire/client.ts'

/** Nodes of a rendered service. */
export function membersOf(nodes: readonly NodeSpec[]): readonly Member[] {
  return nodes.map((node) => {
    const ports: Record<string, { host: string; port: number }> = {}
    for (const [name, place] of Object.entries(node.place.ports)) if (place.host) ports[name] = place.host
    return member({ id: node.id, role: node.role, ports, facts: node.facts })
  })
}

/** A node as `status` knows it. */
export interface KnownNode {
  readonly id: string
  readonly role: string
  /** Host addresses by port name. */
  readonly ports: Readonly<Record<string, { readonly host: string; readonly port: number }>>
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

export function member(node: KnownNode): Member {
  const { nodeId } = factsOf(node.facts)
  const client = node.ports[KAFKA_PORTS.client]
  const isBroker = node.role !== 'controller'
  return {
    node: node.id,
    number: nodeId ?? Number(/\d+$/.exec(node.id)?.[0] ?? -1),
    isBroker,
    isVoter: node.role !== 'broker',
    ...(isBroker && client ? { client } : {}),
  }
}

function factsOf(facts: KnownNode['facts']): { nodeId: number | undefined } {
  const id = facts['nodeId']
  return { nodeId: typeof id === 'number' ? id : undefined }
}

/** Broker id -> host address: what a client of the whole service needs. */
export function brokerAddresses(nodes: readonly NodeSpec[]): ReadonlyMap<number, BrokerAddress> {
  const addresses = new Map<number, BrokerAddress>()
  for (const { isBroker, number, client } of membersOf(nodes)) if (isBroker && client) addresses.set(number, client)
  return addresses
}

/** Broker id -> node id, for messages. */
export function brokerNames(nodes: readonly NodeSpec[]): ReadonlyMap<number, string> {
  return new Map(membersOf(nodes).flatMap(({ isBroker, number, node }) => (isBroker ? [[number, node] as const] : [])))
}
