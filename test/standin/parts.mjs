// What each stand-in is made of: Maven coordinates (roots whose runtime closure lock.mjs writes down) and, for Kafka, the class behind each bin/*.sh.
// No versions of transitive parts here; those are pinned with checksums in artifacts/*.json.

/** Roots without which the image makes no sense. `{v}` is the version asked for, `{jackson}` the one the closure already uses. */
export function roots(kind, version) {
  if (kind === 'zookeeper') {
    return {
      // Parts that ZooKeeper's POM marks as provided but its release archive ships; without Jackson the admin server answers 500.
      needed: [
        `org.apache.zookeeper:zookeeper:${version}`,
        `org.apache.zookeeper:zookeeper-prometheus-metrics:${version}`,
        'ch.qos.logback:logback-classic:1.3.15',
        'org.xerial.snappy:snappy-java:1.1.10.5',
        'io.dropwizard.metrics:metrics-core:4.1.12.1',
        'org.eclipse.jetty:jetty-server:9.4.57.v20241219',
        'org.eclipse.jetty:jetty-servlet:9.4.57.v20241219',
        'com.fasterxml.jackson.core:jackson-databind:2.15.2',
        'commons-cli:commons-cli:1.5.0',
        'jline:jline:2.14.6',
      ],
      wanted: [],
    }
  }
  const kafka = (artifact) => `org.apache.kafka:${artifact}:${version}`
  const logging = version.startsWith('3.')
    ? // The 1.7 line of slf4j: the closure's ZooKeeper would pull 2.x, to which this binding is deaf.
      ['org.slf4j:slf4j-api:1.7.36', 'org.slf4j:slf4j-reload4j:1.7.36', 'ch.qos.reload4j:reload4j:1.2.25']
    : ['log4j-slf4j-impl', 'log4j-core', 'log4j-1.2-api'].map((a) => `org.apache.logging.log4j:${a}:2.25.3`)
  return {
    needed: [...logging, kafka('kafka_2.13'), kafka('kafka-tools'), 'com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:{jackson}'],
    // In the release archive, but not published for every version.
    wanted: [
      'kafka-shell',
      'trogdor',
      'connect-runtime',
      'connect-json',
      'connect-file',
      'connect-transforms',
      'connect-mirror',
      'connect-basic-auth-extension',
    ].map(kafka),
  }
}

const tools = 'org.apache.kafka.tools'

/** Script name -> classes that may hold it, newest place first; lock.mjs takes the first one that is there. Optional third: default heap. */
export const kafkaTools = [
  ['kafka-acls', [`${tools}.AclCommand`, 'kafka.admin.AclCommand']],
  ['kafka-broker-api-versions', [`${tools}.BrokerApiVersionsCommand`, 'kafka.admin.BrokerApiVersionsCommand']],
  ['kafka-client-metrics', [`${tools}.ClientMetricsCommand`]],
  ['kafka-cluster', [`${tools}.ClusterTool`]],
  ['kafka-configs', [`${tools}.ConfigCommand`, 'kafka.admin.ConfigCommand']],
  ['kafka-console-consumer', [`${tools}.consumer.ConsoleConsumer`], '-Xmx512M'],
  ['kafka-console-producer', [`${tools}.ConsoleProducer`, 'kafka.tools.ConsoleProducer'], '-Xmx512M'],
  ['kafka-console-share-consumer', [`${tools}.consumer.ConsoleShareConsumer`], '-Xmx512M'],
  ['kafka-consumer-groups', [`${tools}.consumer.group.ConsumerGroupCommand`]],
  ['kafka-consumer-perf-test', [`${tools}.ConsumerPerformance`], '-Xmx512M'],
  ['kafka-delegation-tokens', [`${tools}.DelegationTokenCommand`]],
  ['kafka-delete-records', [`${tools}.DeleteRecordsCommand`]],
  ['kafka-dump-log', [`${tools}.DumpLogSegments`, 'kafka.tools.DumpLogSegments']],
  ['kafka-e2e-latency', [`${tools}.EndToEndLatency`]],
  ['kafka-features', [`${tools}.FeatureCommand`]],
  ['kafka-get-offsets', [`${tools}.GetOffsetShell`]],
  ['kafka-groups', [`${tools}.GroupsCommand`]],
  ['kafka-jmx', [`${tools}.JmxTool`]],
  ['kafka-leader-election', [`${tools}.LeaderElectionCommand`]],
  ['kafka-log-dirs', [`${tools}.LogDirsCommand`]],
  ['kafka-metadata-quorum', [`${tools}.MetadataQuorumCommand`]],
  ['kafka-metadata-shell', ['org.apache.kafka.shell.MetadataShell']],
  ['kafka-producer-perf-test', [`${tools}.ProducerPerformance`], '-Xmx512M'],
  ['kafka-reassign-partitions', [`${tools}.reassign.ReassignPartitionsCommand`]],
  ['kafka-replica-verification', [`${tools}.ReplicaVerificationTool`]],
  ['kafka-share-consumer-perf-test', [`${tools}.ShareConsumerPerformance`], '-Xmx512M'],
  ['kafka-share-groups', [`${tools}.consumer.group.ShareGroupCommand`]],
  ['kafka-storage', [`${tools}.StorageTool`, 'kafka.tools.StorageTool']],
  ['kafka-streams-application-reset', [`${tools}.StreamsResetter`], '-Xmx512M'],
  ['kafka-streams-groups', [`${tools}.streams.StreamsGroupCommand`]],
  ['kafka-topics', [`${tools}.TopicCommand`]],
  ['kafka-transactions', [`${tools}.TransactionsCommand`]],
  ['kafka-verifiable-consumer', [`${tools}.VerifiableConsumer`], '-Xmx512M'],
  ['kafka-verifiable-producer', [`${tools}.VerifiableProducer`], '-Xmx512M'],
  ['kafka-verifiable-share-consumer', [`${tools}.VerifiableShareConsumer`], '-Xmx512M'],
  ['connect-distributed', ['org.apache.kafka.connect.cli.ConnectDistributed'], '-Xms256M -Xmx2G'],
  ['connect-mirror-maker', ['org.apache.kafka.connect.mirror.MirrorMaker'], '-Xms256M -Xmx2G'],
  ['connect-plugin-path', [`${tools}.ConnectPluginPath`]],
  ['connect-standalone', ['org.apache.kafka.connect.cli.ConnectStandalone'], '-Xms256M -Xmx2G'],
  ['trogdor-agent', ['org.apache.kafka.trogdor.agent.Agent']],
  ['zookeeper-shell', ['org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka']],
]
