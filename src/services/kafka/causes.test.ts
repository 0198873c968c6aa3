import { describe, expect, it } from 'vitest'
import { renderFixed } from '../../../test/helpers/place.ts'
import type { Evidence } from '../../model/service.ts'
import { kafkaCauses } from './causes.ts'
import kafka from './index.ts'

const { nodes } = renderFixed({ kafka: { brokers: 3, controllers: 3 } }, [kafka], 'process')
const broker = nodes.find((node) => node.id === 'kafka-1') ?? fail()

function fail(): never {
  throw new Error('no broker')
}

function judge(more: Partial<Evidence>) {
  const evidence: Evidence = { node: broker, log: [], others: [], ...more }
  for (const cause of kafkaCauses) {
    const text = cause.match(evidence)
    if (text) return { id: cause.id, ...text }
  }
  return undefined
}

/** Lines as real nodes wrote them (Kafka 4.3.1 and 3.9.2, OpenJDK 17). */
const LOGS: Readonly<Record<string, { readonly log: readonly string[]; readonly says: string }>> = {
  PORT_TAKEN: {
    log: [
      '2026-11-23T09:38:43.070Z ERROR Unable to start acceptor for HOST (kafka.network.DataPlaneAcceptor)',
      'org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:21500: Address already in use.',
      'Caused by: java.net.BindException: Address already in use',
    ],
    says: '127.0.0.1:21500',
  },
  DATA_DIR_LOCKED: {
    log: [
      '2026-11-23T09:42:27.903Z ERROR [BrokerServer id=1] Fatal error during broker startup. Prepare to shutdown (kafka.server.BrokerServer)',
      'org.apache.kafka.common.KafkaException: Failed to acquire lock on file .lock in /data/kafka-1. A Kafka instance in another process or thread is using this directory.',
    ],
    says: '/data/kafka-1',
  },
  CLUSTER_ID_MISMATCH: {
    log: [
      '2026-11-23T09:45:39.418Z ERROR [RaftManager id=2] Unexpected error INCONSISTENT_CLUSTER_ID in FETCH response: InboundResponse(correlationId=43, data=FetchResponseData(throttleTimeMs=0, errorCode=104, sessionId=0, responses=[], nodeEndpoints=[]), source=127.0.0.1:21604) (org.apache.kafka.raft.KafkaRaftClient)',
    ],
    says: 'another cluster',
  },
  NODE_ID_MISMATCH: {
    log: [
      '2026-11-23T09:35:35.719Z ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)',
      "java.lang.RuntimeException: Stored node id 7 doesn't match previous node id 1 in /data/kafka-1/meta.properties. If you moved your data, make sure your configured node id matches. If you intend to create a new node, you should remove all data in your data directories.",
    ],
    says: 'belongs to node 7',
  },
  BROKER_ID_IN_USE: {
    log: [
      "2026-11-23T09:29:54.428Z ERROR Error while creating ephemeral at /brokers/ids/2, node already exists and owner '0x2000026cbc20003' does not match current session '0x3000026cbda0003' (kafka.zk.KafkaZkClient$CheckedEphemeral)",
      'org.apache.zookeeper.KeeperException$NodeExistsException: KeeperErrorCode = NodeExists',
    ],
    says: 'earlier session',
  },
  JAVA_TOO_OLD: {
    log: [
      'Error: LinkageError occurred while loading main class kafka.Kafka',
      '\tjava.lang.UnsupportedClassVersionError: kafka/Kafka has been compiled by a more recent version of the Java Runtime (class file version 61.0), this version of the Java Runtime only recognizes class file versions up to 55.0',
    ],
    says: 'needs Java 17 and was started with Java 11',
  },
  ARCHIVE_CORRUPT: {
    log: [
      '# A fatal error has been detected by the Java Runtime Environment:',
      '#',
      '#  SIGBUS (0x7) at pc=0x00007f1e050bc53d, pid=19906, tid=19918',
      '# Problematic frame:',
      '# V  [libjvm.so+0x6bc53d]  FileMapInfo::relocate_pointers_in_core_regions(long)+0x24d',
    ],
    says: 'start-up archive',
  },
  JVM_CRASHED: {
    log: [
      '# A fatal error has been detected by the Java Runtime Environment:',
      '#  SIGSEGV (0xb) at pc=0x00007f1e050bc53d, pid=19906, tid=19918',
      '# Problematic frame:',
      '# C  [libzstd.so+0x6bc53d]  ZSTD_compress+0x24d',
      '# An error report file with more information is saved as:',
      '# /tmp/hs_err_pid19906.log',
    ],
    says: 'SIGSEGV',
  },
  HEAP_EXHAUSTED: { log: ['Terminating due to java.lang.OutOfMemoryError: Java heap space'], says: 'Java heap space' },
  DISK_FULL: {
    log: [
      '2026-11-23T09:42:47.118Z ERROR [SharedServer id=1] Got exception while starting SharedServer (kafka.server.SharedServer)',
      'java.lang.InternalError: a fault occurred in a recent unsafe memory access operation in compiled Java code',
    ],
    says: 'full',
  },
  METADATA_CORRUPT: {
    log: [
      '2026-11-23T09:39:25.787Z ERROR Encountered fatal fault: Unexpected error in raft IO thread (org.apache.kafka.server.fault.ProcessTerminatingFaultHandler)',
      'org.apache.kafka.common.errors.CorruptRecordException: Found record size 0 smaller than minimum record overhead (14) in file /data/kafka-1/__cluster_metadata-0/00000000000000000000.log.',
    ],
    says: 'metadata log',
  },
  CONFIG_REFUSED: {
    log: [
      '2026-11-23T09:44:58.345Z ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)',
      'org.apache.kafka.common.config.ConfigException: Invalid value abc for configuration log.retention.hours: Not a number of type INT',
    ],
    says: 'Invalid value abc for configuration log.retention.hours',
  },
}

describe('the causes', () => {
  it.each(Object.entries(LOGS))('must know %s by its log', (id, { log, says }) => {
    const found = judge({ log: ['2026-11-23T09:38:40.000Z INFO Starting (kafka.server.KafkaRaftServer)', ...log] })
    expect(found?.id).toBe(id)
    expect(found?.cause).toContain(says)
  })
  it('must know an advertised address that nobody answers', () => {
    const lastWhy = 'kafka-1 answers at 127.0.0.1:20001, but advertises 10.1.2.3:20001, which is not reachable from here (ECONNREFUSED)'
    expect(judge({ lastWhy })).toMatchObject({ id: 'ADVERTISED_UNREACHABLE', cause: expect.stringContaining('10.1.2.3:20001') })
  })
  it('must name the voters that are down when no majority is left, and only then', () => {
    const others = (down: number) => [1, 2, 3].map((n) => ({ node: `kafka-controller-${n}`, state: n <= down ? 'stopped' : 'ready' }))
    expect(judge({ others: others(1) })).toBeUndefined()
    expect(judge({ others: others(2) })).toMatchObject({
      id: 'QUORUM_LOST',
      cause: expect.stringContaining('kafka-controller-1 and kafka-controller-2 are down: 2 of 3 voters'),
    })
  })
  it('must not guess', () => {
    expect(
      judge({
        log: [
          '2026-11-23T09:29:26.978Z WARN [Controller id=1, targetBrokerId=1] Connection to node 1 (/127.0.0.1:21209) could not be established. Node may not be available. (org.apache.kafka.clients.NetworkClient)',
        ],
      }),
    ).toBeUndefined()
  })
})
