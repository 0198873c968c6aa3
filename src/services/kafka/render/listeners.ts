// Listeners and quorum of a node, from placement alone. As containers there are two broker listeners (host, network); as processes one serves both.
import { type Address, formatAddress, type NodePlace } from '../../../model/placement.ts'
import type { RenderContext } from '../../../model/service.ts'
import type { NodeShape } from '../../../model/shape.ts'
import type { KafkaOptions } from '../options.ts'
import { isVoter, nodeNumber } from '../shape.ts'

type Entry = readonly [key: string, value: string, why: string]

const HOST = 'HOST'
const INTERNAL = 'INTERNAL'
const CONTROLLER = 'CONTROLLER'

function portOf(place: NodePlace | undefined, port: string, node: string) {
  const found = place?.ports[port]
  if (!found) throw new Error(`${node} has no address for its port ${port}`)
  return found
}

const url = (name: string, address: Address) => `${name}://${formatAddress(address)}`

/** `id@host:port` of every voter of the service. */
export function quorumVoters(context: RenderContext<KafkaOptions>): string {
  return context.shapes
    .filter((shape) => shape.service === context.service.name && isVoter(shape))
    .map((shape) => `${nodeNumber(shape)}@${formatAddress(portOf(context.placement[shape.id], 'controller', shape.id).peer)}`)
    .join(',')
}

/** Addresses of the brokers as a node reaches them, its own first. */
export function bootstrapOf(node: NodeShape, context: RenderContext<KafkaOptions>): string {
  const port = context.via === 'container' ? 'internal' : 'client'
  return context.shapes
    .filter((shape) => shape.service === context.service.name && shape.role !== 'controller')
    .toSorted((a, b) => Number(b.id === node.id) - Number(a.id === node.id))
    .map((shape) => formatAddress(portOf(context.placement[shape.id], port, shape.id).peer))
    .join(',')
}

/** listeners, advertised.listeners, the protocol map and who uses which. */
export function listenerSettings(node: NodeShape, context: RenderContext<KafkaOptions>): Entry[] {
  const place = context.placement[node.id]
  const inContainer = context.via === 'container'
  const kraft = context.service.options.mode === 'kraft'
  const listeners: string[] = []
  const advertised: string[] = []
  const names: string[] = []
  if (node.role !== 'controller') {
    const client = portOf(place, 'client', node.id)
    listeners.push(url(HOST, client.listen))
    advertised.push(url(HOST, client.host ?? client.peer))
    names.push(HOST)
    if (inContainer) {
      const internal = portOf(place, 'internal', node.id)
      listeners.push(url(INTERNAL, internal.listen))
      advertised.push(url(INTERNAL, internal.peer))
      names.push(INTERNAL)
    }
  }
  if (isVoter(node)) listeners.push(url(CONTROLLER, portOf(place, 'controller', node.id).listen))
  if (kraft) names.push(CONTROLLER)
  const entries: Entry[] = [['listeners', listeners.join(','), 'the addresses chosen for this node']]
  if (advertised.length > 0) {
    entries.push([
      'advertised.listeners',
      advertised.join(','),
      inContainer
        ? 'clients on the host and on the network each get an address they can reach'
        : 'clients and brokers reach it where it listens',
    ])
    entries.push(['inter.broker.listener.name', inContainer ? INTERNAL : HOST, 'brokers talk over the network they share'])
  }
  entries.push(['listener.security.protocol.map', names.map((name) => `${name}:PLAINTEXT`).join(','), 'development cluster without TLS'])
  if (kraft) entries.push(['controller.listener.names', CONTROLLER, 'where controllers listen'])
  return entries
}
