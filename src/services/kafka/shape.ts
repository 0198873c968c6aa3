// Which nodes a Kafka service has: brokers 1..N, or combined nodes, and dedicated controllers. No addresses, no configuration.
import type { NodeShape, PortShape } from '../../model/shape.ts'
import type { ServiceSpec } from '../../model/spec.ts'
import { KAFKA_PORTS, type KafkaOptions } from './options.ts'

/** Ports inside a container. */
const CONTAINER = { client: 9092, internal: 19092, controller: 9093, debug: 5005 } as const
/** Id of the first dedicated controller; brokers count from 1. */
const FIRST_CONTROLLER = 101

/** node.id (broker.id) of a node. */
export function nodeNumber(shape: Pick<NodeShape, 'role' | 'index'>): number {
  return shape.role === 'controller' ? FIRST_CONTROLLER + shape.index - 1 : shape.index
}

/** Nodes that vote in the KRaft quorum. */
export function isVoter(shape: Pick<NodeShape, 'role'>): boolean {
  return shape.role === 'controller' || shape.role === 'combined'
}

function ports(role: string, index: number, service: ServiceSpec<KafkaOptions>): Record<string, PortShape> {
  const { port } = service.options
  const result: Record<string, PortShape> = {}
  if (role !== 'controller') {
    result[KAFKA_PORTS.client] = {
      container: CONTAINER.client,
      published: true,
      ...(port === undefined ? {} : { wanted: port + index - 1 }),
    }
    result[KAFKA_PORTS.internal] = { container: CONTAINER.internal, published: false }
    if (service.debug !== undefined) result['debug'] = { container: CONTAINER.debug, published: true, wanted: service.debug + index - 1 }
  }
  if (isVoter({ role })) result[KAFKA_PORTS.controller] = { container: CONTAINER.controller, published: false }
  return result
}

/** Brokers are stopped before controllers: a broker whose controllers are gone waits for them. */
export function kafkaShape(service: ServiceSpec<KafkaOptions>): NodeShape[] {
  const { mode, brokers, controllers } = service.options
  const common = { service: service.name, kind: service.kind, after: [], containerData: '/var/lib/kafka/data' }
  const role = mode === 'kraft' && controllers === 0 ? 'combined' : 'broker'
  const nodes = Array.from({ length: brokers }, (_, i): NodeShape => {
    const index = i + 1
    return { ...common, id: `${service.name}-${index}`, role, index, ports: ports(role, index, service), stopRank: 0 }
  })
  for (let index = 1; index <= controllers; index++) {
    nodes.push({
      ...common,
      id: `${service.name}-controller-${index}`,
      role: 'controller',
      index,
      ports: ports('controller', index, service),
      stopRank: 1,
    })
  }
  return nodes
}
