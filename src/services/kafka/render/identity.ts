// What a cluster's data is bound to: the cluster id, and what cannot change under existing data.
import { createHash } from 'node:crypto'
import type { KafkaOptions } from '../options.ts'

/** Kafka's cluster id: 22 characters of base64url, the same for the same devcluster cluster and service, so that old data fits again. */
export function kafkaClusterId(cluster: string, service: string): string {
  return createHash('sha256').update(`${cluster}/${service}`).digest().subarray(0, 16).toString('base64url')
}

/** Differs -> the data cannot be kept (a lower version likewise). */
export function identityOf(options: KafkaOptions): Record<string, string> {
  const layout =
    options.mode === 'zookeeper'
      ? 'zookeeper'
      : options.controllers === 0
        ? `combined (${options.brokers} voters)`
        : `dedicated (${options.controllers} voters)`
  return { version: options.version, mode: options.mode, layout }
}
