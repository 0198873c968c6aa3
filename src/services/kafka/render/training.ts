// A throw-away single node that loads the classes a start-up archive should hold. Always KRaft: it needs nobody else.
import type { Training } from '../../../model/node.ts'
import { formatProperties } from '../../../render/formats/properties.ts'
import { kafkaArtifacts } from '../catalogue.ts'
import { logging } from './logging.ts'
import { storageFiles } from './storage.ts'

/** Placeholders as in {@link Training}. */
export function training(version: string): Training {
  const storage = storageFiles({ clusterId: 'AAAAAAAAAAAAAAAAAAAAAA', nodeId: 1, voter: true }, kafkaArtifacts(version))
  const properties = formatProperties([
    ['process.roles', 'broker,controller'],
    ['node.id', '1'],
    ['controller.quorum.voters', '1@127.0.0.1:{port2}'],
    ['listeners', 'HOST://127.0.0.1:{port1},CONTROLLER://127.0.0.1:{port2}'],
    ['advertised.listeners', 'HOST://127.0.0.1:{port1}'],
    ['inter.broker.listener.name', 'HOST'],
    ['listener.security.protocol.map', 'HOST:PLAINTEXT,CONTROLLER:PLAINTEXT'],
    ['controller.listener.names', 'CONTROLLER'],
    ['log.dirs', '{dir}/data'],
    ['offsets.topic.num.partitions', '1'],
    ['offsets.topic.replication.factor', '1'],
    ['log.cleaner.dedupe.buffer.size', '2097152'],
  ])
  const log = logging(version, 'node')
  return {
    files: [
      { path: 'server.properties', content: properties },
      { path: log.file, content: log.content },
      ...storage.map((file) => ({ ...file, path: `data/${file.path}` })),
    ],
    // Without it nothing is logged, and nobody would see that the run is ready.
    jvmArgs: [log.flag('{dir}')],
    args: ['{dir}/server.properties'],
    readyLog: 'Kafka Server started',
  }
}
