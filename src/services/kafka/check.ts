// What is wrong with a Kafka service although each option by itself is fine. Findings only: config/ adds places in the file.
import type { Finding } from '../../model/service.ts'
import type { ClusterSpec, ServiceSpec } from '../../model/spec.ts'
import { suggest } from '../../util/suggest.ts'
import { isAtLeast, KAFKA_VERSIONS, kafkaArtifacts } from './catalogue.ts'
import { checkTopics } from './check-topics.ts'
import type { KafkaOptions } from './options.ts'
import { heapMb } from './render/jvm.ts'
import { KNOWN_VERSIONS } from './schema.ts'

const LISTENERS = 'devcluster chooses addresses before the start; use port: for fixed ones'
const QUORUM = 'use controllers: to choose the layout of the quorum'
const DIRS = 'data is kept in the data directory of the node'

/** Settings that follow from other options; a second source for them could only contradict. */
const OWNED: Readonly<Record<string, string>> = {
  'process.roles': QUORUM,
  'controller.quorum.voters': QUORUM,
  'controller.quorum.bootstrap.servers': QUORUM,
  'controller.listener.names': LISTENERS,
  'node.id': 'brokers count from 1, controllers from 101',
  'broker.id': 'brokers count from 1',
  listeners: LISTENERS,
  'advertised.listeners': LISTENERS,
  'listener.security.protocol.map': LISTENERS,
  'inter.broker.listener.name': LISTENERS,
  'security.inter.broker.protocol': LISTENERS,
  'control.plane.listener.name': LISTENERS,
  'log.dir': DIRS,
  'log.dirs': DIRS,
  'metadata.log.dir': DIRS,
  'zookeeper.connect': 'use zookeeper: to name the service',
  'broker.rack': 'use racks:',
}

function error(path: Finding['path'], message: string, hint?: string): Finding {
  return { severity: 'error', path, message, ...(hint === undefined ? {} : { hint }) }
}

function checkVersion({ options }: ServiceSpec<KafkaOptions>): Finding[] {
  const { version, mode } = options
  if (!KAFKA_VERSIONS.includes(version)) {
    // Another major version is no slip of the hand.
    const near = suggest(
      version,
      KNOWN_VERSIONS.filter((known) => known.split('.')[0] === version.split('.')[0]),
    )
    return [
      {
        severity: 'error',
        path: ['version'],
        code: 'VERSION_UNAVAILABLE',
        message: `There is no Kafka ${version} in the catalogue: it has ${KAFKA_VERSIONS.join(', ')}.`,
        hint: near === undefined ? 'A line such as "4.3" means its newest patch.' : `Did you mean "${near}"?`,
      },
    ]
  }
  if (mode === 'zookeeper' && isAtLeast(version, '4.0')) {
    return [
      error(['mode'], `Kafka ${version} has no ZooKeeper mode; the last line that has it is 3.9.`, 'Use version: "3.9", or mode: kraft.'),
    ]
  }
  return []
}

function checkLayout({ options, resources }: ServiceSpec<KafkaOptions>, cluster: ClusterSpec): Finding[] {
  const { mode, brokers, controllers, port, heap, zookeeper } = options
  const findings: Finding[] = []
  if (mode === 'kraft' && controllers === 0 && brokers % 2 === 0) {
    findings.push({
      severity: 'warning',
      path: ['brokers'],
      message: `${brokers} combined brokers are ${brokers} voters: an even number survives no more failures than ${brokers - 1} would.`,
      hint: 'Use an odd number of brokers, or controllers: 1 or 3.',
    })
  }
  if (port !== undefined && port + brokers - 1 > 65_535) {
    findings.push(error(['port'], `${brokers} brokers counting up from port ${port} end at ${port + brokers - 1}; the last port is 65535.`))
  }
  const limit = resources.memoryBytes
  if (heap !== undefined && limit !== undefined && heapMb(heap) * 1024 * 1024 >= limit) {
    findings.push(
      error(
        ['heap'],
        `A heap of ${heap} does not fit into the memory limit of ${Math.floor(limit / 1024 / 1024)} MB.`,
        'A JVM needs about 100 MB beside its heap.',
      ),
    )
  }
  const ensembles = cluster.services.filter((service) => service.kind === 'zookeeper').map((service) => service.name)
  if (mode === 'zookeeper' && zookeeper === undefined && ensembles.length > 1) {
    findings.push(
      error(['mode'], `There are several zookeeper services: ${ensembles.join(', ')}.`, `Say which one: zookeeper: ${ensembles[0]}`),
    )
  }
  return findings
}

function checkConfig({ options, env }: ServiceSpec<KafkaOptions>): Finding[] {
  const findings: Finding[] = []
  const known = new Set(KAFKA_VERSIONS.includes(options.version) ? kafkaArtifacts(options.version).configs.broker : [])
  for (const key of Object.keys(options.config)) {
    const owned = OWNED[key]
    if (owned !== undefined)
      findings.push({
        ...error(['config', key], `${key} is set by devcluster.`, `${owned.charAt(0).toUpperCase()}${owned.slice(1)}.`),
        at: 'key',
      })
    // Plugins may have settings of their own, so only what looks like a slip is worth a word.
    else if (known.size > 0 && !known.has(key) && !key.startsWith('listener.name.')) {
      const near = suggest(key, known)
      if (near !== undefined)
        findings.push({
          severity: 'warning',
          path: ['config', key],
          at: 'key',
          message: `Kafka ${options.version} knows no setting ${key}.`,
          hint: `Did you mean ${near}?`,
        })
    }
  }
  const minInSync = Number(options.config['min.insync.replicas'])
  if (minInSync > options.brokers) {
    findings.push(
      error(
        ['config', 'min.insync.replicas'],
        `min.insync.replicas is ${minInSync}, but there ${options.brokers === 1 ? 'is 1 broker' : `are ${options.brokers} brokers`}: no write with acks=all could succeed.`,
      ),
    )
  }
  for (const key of Object.keys(env)) {
    if (/^KAFKA_(?!HEAP_OPTS$|OPTS$|JMX_|LOG4J_|GC_LOG_OPTS$|JVM_PERFORMANCE_OPTS$)/.test(key)) {
      findings.push({
        ...error(
          ['env', key],
          `${key} would replace the whole configuration in the image.`,
          'Put settings of server.properties into config:.',
        ),
        at: 'key',
      })
    }
  }
  return findings
}

/** All findings of one service. */
export function checkKafka(service: ServiceSpec<KafkaOptions>, cluster: ClusterSpec): readonly Finding[] {
  return [...checkVersion(service), ...checkLayout(service, cluster), ...checkConfig(service), ...checkTopics(service)]
}
