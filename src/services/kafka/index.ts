// Kind `kafka`: Apache Kafka on KRaft or ZooKeeper, 1 to 9 brokers. This file only puts the parts together.
import { defineService } from '../../model/service.ts'
import { kafkaActions } from './actions/index.ts'
import { kafkaCauses } from './causes.ts'
import { checkKafka } from './check.ts'
import { describeKafka, kafkaEndpoints, kafkaTryIt } from './endpoints.ts'
import type { KafkaOptions } from './options.ts'
import { kafkaProbe } from './probe.ts'
import { kafkaBeforeRestart } from './rejoin.ts'
import { renderKafka } from './render/node.ts'
import { kafkaSchema } from './schema.ts'
import { kafkaSeeding } from './seed/index.ts'
import { kafkaShape } from './shape.ts'
import { kafkaUsable } from './usable.ts'
import { zookeeperBeforeRestart } from './zookeeper-forget.ts'
import { IMPLIED_ZOOKEEPER, zookeeperName } from './zookeeper-name.ts'

export default defineService<KafkaOptions>({
  kind: 'kafka',
  summary: 'Apache Kafka on KRaft or ZooKeeper, 1 to 9 brokers, with topics and records',
  runs: ['container', 'process'],
  schema: kafkaSchema,
  filePaths: [['topics', '*', 'seed', 'file']],
  references: (options, existing) =>
    options.mode === 'zookeeper'
      ? [{ path: options.zookeeper === undefined ? ['mode'] : ['zookeeper'], name: zookeeperName(options, existing), kinds: ['zookeeper'] }]
      : [],
  implies: (service, existing) =>
    service.options.mode === 'zookeeper' && service.options.zookeeper === undefined && !existing.some((other) => other.kind === 'zookeeper')
      ? { [IMPLIED_ZOOKEEPER]: { kind: 'zookeeper', options: {} } }
      : {},
  check: checkKafka,
  shape: kafkaShape,
  render: renderKafka,
  endpoints: kafkaEndpoints,
  probe: kafkaProbe,
  usable: kafkaUsable,
  readyWithinMs: 90_000,
  causes: kafkaCauses,
  beforeRestart: (node, context, signal) =>
    context.service.options.mode === 'zookeeper'
      ? zookeeperBeforeRestart(node, context, signal)
      : kafkaBeforeRestart(node, context, signal),
  seeding: kafkaSeeding,
  actions: kafkaActions,
  tryIt: kafkaTryIt,
  describe: (service) => describeKafka(service.options),
})
