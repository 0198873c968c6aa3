// Which ZooKeeper service a Kafka service in mode zookeeper uses. Names only.
import type { KafkaOptions } from './options.ts'

/** Name of the service that is implied where none exists. */
export const IMPLIED_ZOOKEEPER = 'zookeeper'

/** The one the file names, else the only one of that kind, else the implied one. */
export function zookeeperName(
  options: Pick<KafkaOptions, 'zookeeper'>,
  existing: readonly { readonly name: string; readonly kind: string }[],
): string {
  if (options.zookeeper !== undefined) return options.zookeeper
  const ensembles = existing.filter((service) => service.kind === 'zookeeper')
  return (ensembles.length === 1 ? ensembles[0]?.name : undefined) ?? IMPLIED_ZOOKEEPER
}
