// The peer's side: GenericContainer with the image's own entrypoint and its documented log wait; the published port is chosen before, which spares it
// the usual detour (start a waiting shell, learn the port, copy a script). IPC as in ours.mjs.
import { once } from 'node:events'
import { epoch } from '../lib/process.mjs'

const { image, port, labels, reuse } = JSON.parse(process.argv[2])
const { GenericContainer, Wait } = await import('testcontainers')
const importedAt = epoch()
const container = new GenericContainer(image)
  .withExposedPorts({ container: 9092, host: port })
  .withLabels(labels)
  .withEnvironment({
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9094',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,BROKER://0.0.0.0:9093,CONTROLLER://0.0.0.0:9094',
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port},BROKER://localhost:9093`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'BROKER:PLAINTEXT,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'BROKER',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  })
  .withWaitStrategy(Wait.forLogMessage(/.*Transitioning from RECOVERY to RUNNING.*/))
  .withStartupTimeout(180_000)
const started = await (reuse ? container.withReuse() : container).start()
const upAt = epoch()
if (reuse) process.exit()
const { firstRecord } = await import('./first-record.mjs')
const clientAt = epoch()
const moments = await firstRecord(`127.0.0.1:${port}`)
process.send({ importedAt, upAt, clientMs: clientAt - upAt, ...moments, container: started.getId() })
await once(process, 'message')
const begin = epoch()
await started.stop()
process.send({ downMs: epoch() - begin }, () => process.exit())
