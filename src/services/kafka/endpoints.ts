// How applications reach a Kafka service.

import { formatAddress } from '../../model/placement.ts'
import { type Endpoint, hostAddress, type ServiceContext } from '../../model/service.ts'
import type { KafkaOptions } from './options.ts'

/** One list of brokers, for the host and (as containers) for the network. */
export function kafkaEndpoints(context: ServiceContext<KafkaOptions>): Endpoint[] {
  const brokers = context.nodes.filter((node) => node.role !== 'controller')
  const inside = brokers.flatMap((node) => {
    const internal = node.place.ports['internal']
    return node.launch.via === 'container' && internal ? [formatAddress(internal.peer)] : []
  })
  return [
    {
      name: 'BOOTSTRAP_SERVERS',
      host: brokers.map((node) => formatAddress(hostAddress(node, 'client'))).join(','),
      ...(inside.length > 0 ? { container: inside.join(',') } : {}),
      secret: false,
      spring: 'spring.kafka.bootstrap-servers',
    },
  ]
}

/** A command that shows records: of a seeded topic where there is one. */
export function kafkaTryIt(context: ServiceContext<KafkaOptions>): string | undefined {
  const topics = Object.entries(context.service.options.topics)
  const [name] = topics.find(([, topic]) => topic.seed) ?? topics[0] ?? []
  return name === undefined ? undefined : `devcluster consume ${name} -n 5`
}

/** `4.3.1, kraft, 3 brokers + 1 controller`. */
export function describeKafka(options: KafkaOptions): string {
  const { version, mode, brokers, controllers } = options
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
  const layout =
    mode === 'zookeeper'
      ? count(brokers, 'broker')
      : controllers === 0
        ? count(brokers, 'combined broker')
        : `${count(brokers, 'broker')} + ${count(controllers, 'controller')}`
  return `${version}, ${mode}, ${layout}`
}
