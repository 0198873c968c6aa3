// Makes templates/<kind>/artifacts/<version>.json: the exact Maven artifacts of one version, with sizes and SHA-256, and for Kafka the
// bootstrap.checkpoint that the version's own formatter writes. Run it for a new version, look at the difference, commit the file.
//
//   node scripts/make-catalogue.mjs kafka 4.3.1 [--tools 4.3.1 | --no-tools] [--repo DIR]
//   node scripts/make-catalogue.mjs zookeeper 3.9.4 [--repo DIR]
//
// Needs `mvn` (it knows the repository and its mirrors) and `java` 17. It does not decide which version a line means: catalogue.ts does.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tools: { type: 'string' }, 'no-tools': { type: 'boolean' }, repo: { type: 'string' } },
})
const [kind, version] = positionals.length === 1 ? ['kafka', positionals[0]] : positionals
if (!version || (kind !== 'kafka' && kind !== 'zookeeper')) {
  process.stderr.write('usage: node scripts/make-catalogue.mjs kafka|zookeeper VERSION [--tools VERSION | --no-tools] [--repo DIR]\n')
  process.exit(2)
}

/** For versions that leave log4j2 to their distribution (4.0). */
const LOG4J = '2.25.4'
/** Where a formatter puts its checkpoint, below the log directory: since 4.4 (KAFKA-19648) into the metadata log itself. */
const CHECKPOINTS = ['bootstrap.checkpoint', '__cluster_metadata-0/00000000000000000000-0000000000.checkpoint']

const work = mkdtempSync(join(tmpdir(), 'devcluster-catalogue-'))
const repository = values.repo ?? join(work, 'repository')
const say = (line) => process.stderr.write(`${line}\n`)
const major = Number(version.split('.')[0])

/** `g:a:v` of every jar that Maven resolves for these dependencies, sorted, with the jar's path. */
function resolve(name, dependencies, exclusions = []) {
  const excluded = exclusions
    .map((id) => `<exclusion><groupId>${id.split(':')[0]}</groupId><artifactId>${id.split(':')[1]}</artifactId></exclusion>`)
    .join('')
  const entries = dependencies.map((coordinate) => {
    const [group, artifact, wanted] = coordinate.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${wanted}</version><exclusions>${excluded}</exclusions></dependency>`
  })
  const dir = join(work, name)
  mkdirSync(dir)
  writeFileSync(
    join(dir, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>${name}</artifactId><version>1</version><dependencies>${entries.join('')}</dependencies></project>`,
  )
  const out = join(dir, 'classpath')
  execFileSync(
    'mvn',
    [
      '-q',
      '-B',
      `-Dmaven.repo.local=${repository}`,
      '-f',
      join(dir, 'pom.xml'),
      'dependency:build-classpath',
      '-DincludeScope=runtime',
      `-Dmdep.outputFile=${out}`,
    ],
    {
      stdio: ['ignore', 2, 2],
    },
  )
  const jars = readFileSync(out, 'utf8').trim().split(':')
  return jars.map(describe).sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1))
}

/** Coordinate, hash and size of a jar in the repository's layout. */
function describe(path) {
  const parts = relative(repository, path).split(sep)
  const file = parts.pop()
  const [jarVersion, artifact] = [parts.pop(), parts.pop()]
  const rest = file.slice(`${artifact}-${jarVersion}`.length)
  const classifier = /^-(.+)\.jar$/.exec(rest)?.[1]
  const coordinate = [parts.join('.'), artifact, jarVersion, ...(classifier ? ['jar', classifier] : [])].join(':')
  const content = readFileSync(path)
  return { coordinate, sha256: createHash('sha256').update(content).digest('hex'), size: content.length, path }
}

/** Shell name -> classes that have been its main class, newest first. */
const TOOLS = {
  'kafka-acls': ['org.apache.kafka.tools.AclCommand', 'kafka.admin.AclCommand'],
  'kafka-broker-api-versions': ['org.apache.kafka.tools.BrokerApiVersionsCommand', 'kafka.admin.BrokerApiVersionsCommand'],
  'kafka-client-metrics': ['org.apache.kafka.tools.ClientMetricsCommand'],
  'kafka-cluster': ['org.apache.kafka.tools.ClusterTool'],
  'kafka-configs': ['org.apache.kafka.tools.ConfigCommand', 'kafka.admin.ConfigCommand'],
  'kafka-console-consumer': ['org.apache.kafka.tools.consumer.ConsoleConsumer'],
  'kafka-console-producer': ['org.apache.kafka.tools.ConsoleProducer', 'kafka.tools.ConsoleProducer'],
  'kafka-console-share-consumer': ['org.apache.kafka.tools.consumer.ConsoleShareConsumer'],
  'kafka-consumer-groups': ['org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'],
  'kafka-consumer-perf-test': ['org.apache.kafka.tools.ConsumerPerformance'],
  'kafka-delete-records': ['org.apache.kafka.tools.DeleteRecordsCommand'],
  'kafka-dump-log': ['org.apache.kafka.tools.DumpLogSegments', 'kafka.tools.DumpLogSegments'],
  'kafka-e2e-latency': ['org.apache.kafka.tools.EndToEndLatency'],
  'kafka-features': ['org.apache.kafka.tools.FeatureCommand'],
  'kafka-get-offsets': ['org.apache.kafka.tools.GetOffsetShell'],
  'kafka-groups': ['org.apache.kafka.tools.GroupsCommand'],
  'kafka-jmx': ['org.apache.kafka.tools.JmxTool'],
  'kafka-leader-election': ['org.apache.kafka.tools.LeaderElectionCommand'],
  'kafka-log-dirs': ['org.apache.kafka.tools.LogDirsCommand'],
  'kafka-metadata-quorum': ['org.apache.kafka.tools.MetadataQuorumCommand'],
  'kafka-producer-perf-test': ['org.apache.kafka.tools.ProducerPerformance'],
  'kafka-reassign-partitions': ['org.apache.kafka.tools.reassign.ReassignPartitionsCommand'],
  'kafka-replica-verification': ['org.apache.kafka.tools.ReplicaVerificationTool'],
  'kafka-share-consumer-perf-test': ['org.apache.kafka.tools.ShareConsumerPerformance'],
  'kafka-share-groups': ['org.apache.kafka.tools.consumer.group.ShareGroupCommand'],
  'kafka-storage': ['org.apache.kafka.tools.StorageTool', 'kafka.tools.StorageTool'],
  'kafka-streams-application-reset': ['org.apache.kafka.tools.StreamsResetter'],
  'kafka-streams-groups': ['org.apache.kafka.tools.streams.StreamsGroupCommand'],
  'kafka-topics': ['org.apache.kafka.tools.TopicCommand', 'kafka.admin.TopicCommand'],
  'kafka-transactions': ['org.apache.kafka.tools.TransactionsCommand'],
  'kafka-verifiable-consumer': ['org.apache.kafka.tools.VerifiableConsumer'],
  'kafka-verifiable-producer': ['org.apache.kafka.tools.VerifiableProducer'],
}

/** The tools whose main class is in these jars. */
function commandsOf(jars) {
  const classes = new Set()
  for (const jar of jars.filter(({ coordinate }) => coordinate.startsWith('org.apache.kafka:'))) {
    for (const entry of execFileSync('jar', ['tf', jar.path], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\n'))
      classes.add(entry)
  }
  const found = Object.entries(TOOLS).map(([name, candidates]) => [
    name,
    candidates.find((main) => classes.has(`${main.replaceAll('.', '/')}.class`)),
  ])
  say(
    `tools not in this version: ${
      found
        .filter(([, main]) => !main)
        .map(([name]) => name)
        .join(', ') || 'none'
    }`,
  )
  return Object.fromEntries(found.filter(([, main]) => main))
}

/** Names of all settings, told by the version's own classes. */
function configNames(jars) {
  const source = join(work, 'Names.java')
  writeFileSync(
    source,
    `import java.util.*;
public class Names {
  public static void main(String[] args) throws Exception {
    print("org.apache.kafka.storage.internals.log.LogConfig");
    print("kafka.server.KafkaConfig");
  }
  static void print(String name) throws Exception {
    Object names = Class.forName(name).getMethod("configNames").invoke(null);
    TreeSet<String> sorted = new TreeSet<>();
    if (names instanceof Collection<?> all) for (Object one : all) sorted.add(one.toString());
    else for (scala.collection.Iterator<?> i = ((scala.collection.Iterable<?>) names).iterator(); i.hasNext(); ) sorted.add(i.next().toString());
    System.out.println(String.join(" ", sorted));
  }
}`,
  )
  const out = execFileSync('java', ['-cp', jars.map((jar) => jar.path).join(':'), source], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  })
  const [topic, broker] = out
    .trim()
    .split('\n')
    .map((line) => line.split(' ').filter((name) => !name.startsWith('internal.')))
  say(`settings: ${topic.length} of topics, ${broker.length} of brokers`)
  return { topic, broker }
}

const versionOf = (jars, id) => jars.find((jar) => jar.coordinate.startsWith(`${id}:`))?.coordinate.split(':')[2]
const data = (jars) => jars.map(({ coordinate, sha256, size }) => ({ coordinate, sha256, size }))
const sum = (jars) => `${jars.length} artifacts, ${jars.reduce((total, jar) => total + jar.size, 0).toLocaleString('en')} bytes`

/** What the version's own formatter writes: the checkpoint that carries its default features, and their names for people. */
function format(jars) {
  const dir = join(work, 'formatted')
  const config = join(work, 'format.properties')
  writeFileSync(
    config,
    `process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:1\nlisteners=PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:1\ncontroller.listener.names=CONTROLLER\nlog.dirs=${dir}\n`,
  )
  const java = (...args) =>
    execFileSync('java', ['-cp', jars.map((jar) => jar.path).join(':'), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] })
  say(java('kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAA', '-c', config).trim())
  const path = CHECKPOINTS.find((candidate) => existsSync(join(dir, candidate)))
  if (!path)
    throw new Error(
      `The formatter of ${version} wrote its checkpoint to a new place: add it to CHECKPOINTS after trying whether a copy starts a node.`,
    )
  return { path, base64: readFileSync(join(dir, path)).toString('base64') }
}

function kafka() {
  const core = `org.apache.kafka:kafka_2.13:${version}`
  const closure = resolve('closure', [core])
  // The one binding that fits slf4j-api 1.7, which every version brings; Kafka 4 has log4j2 in its closure, Kafka 3 compiles against reload4j.
  const binding =
    major >= 4
      ? `org.apache.logging.log4j:log4j-slf4j-impl:${versionOf(closure, 'org.apache.logging.log4j:log4j-core') ?? LOG4J}`
      : `org.slf4j:slf4j-reload4j:${versionOf(closure, 'org.slf4j:slf4j-api')}`
  const broker = resolve('broker', [core, binding])
  if (!versionOf(broker, 'org.slf4j:slf4j-api')?.startsWith('1.7.'))
    throw new Error('slf4j-api is no longer of the 1.7 line: choose another binding')
  say(`broker: ${sum(broker)}`)

  const toolsVersion = values['no-tools'] ? undefined : (values.tools ?? version)
  let tools = []
  if (toolsVersion) {
    // connect-runtime serves connect-plugin-path.sh alone and would bring a web server along.
    const all = resolve(
      'tools',
      [`org.apache.kafka:kafka_2.13:${toolsVersion}`, binding, `org.apache.kafka:kafka-tools:${toolsVersion}`],
      ['org.apache.kafka:connect-runtime'],
    )
    const have = new Set(broker.map((jar) => jar.coordinate))
    tools = toolsVersion === version ? all.filter((jar) => !have.has(jar.coordinate)) : all
    const clash = toolsVersion === version ? tools.filter((jar) => broker.some((other) => sameModule(other, jar))) : []
    if (clash.length > 0) throw new Error(`tools want another version of ${clash.map((jar) => jar.coordinate).join(', ')}`)
    say(`tools ${toolsVersion}: ${sum(tools)}`)
  } else say('tools: none')

  const toolPath = toolsVersion === undefined || toolsVersion === version ? [...broker, ...tools] : tools
  const commands = toolsVersion === undefined ? {} : commandsOf(toolPath)
  const bootstrapCheckpoint = format(broker)
  say(`${bootstrapCheckpoint.path}: ${Buffer.from(bootstrapCheckpoint.base64, 'base64').length} bytes`)
  return {
    version,
    broker: data(broker),
    // `with-broker`: added to the broker's class path. `alone`: a complete class path of another version.
    tools: {
      version: toolsVersion ?? null,
      classPath: toolsVersion === undefined || toolsVersion === version ? 'with-broker' : 'alone',
      commands,
      artifacts: data(tools),
    },
    bootstrapCheckpoint,
    configs: configNames(broker),
  }
}

function sameModule(a, b) {
  const [x, y] = [a, b].map((jar) => jar.coordinate.split(':'))
  return x[0] === y[0] && x[1] === y[1]
}

function zookeeper() {
  const core = `org.apache.zookeeper:zookeeper:${version}`
  // Native TLS for five platforms, which nobody asked for: 5 MB of 13.
  const without = ['io.netty:netty-tcnative-boringssl-static']
  const closure = resolve('closure', [core], without)
  // Absent from the POM's runtime scope: the metrics' Reservoir, snapshot compression, the shell's line editor and options, a log binding.
  const binding = versionOf(closure, 'org.slf4j:slf4j-api')?.startsWith('2.')
    ? 'ch.qos.logback:logback-classic:1.3.15'
    : 'ch.qos.logback:logback-classic:1.2.13'
  const extras = [
    'io.dropwizard.metrics:metrics-core:4.1.12.1',
    'org.xerial.snappy:snappy-java:1.1.10.7',
    'jline:jline:2.14.6',
    'commons-cli:commons-cli:1.5.0',
    binding,
  ]
  const have = new Set(closure.map((jar) => jar.coordinate.split(':').slice(0, 2).join(':')))
  const server = resolve('server', [core, ...extras.filter((id) => !have.has(id.split(':').slice(0, 2).join(':')))], without)
  say(`server: ${sum(server)}`)
  return { version, server: data(server) }
}

try {
  const content = kind === 'kafka' ? kafka() : zookeeper()
  const dir = fileURLToPath(new URL(`../templates/${kind}/artifacts/`, import.meta.url))
  mkdirSync(dir, { recursive: true })
  const file = join(dir, `${version}.json`)
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  say(`wrote ${file}`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
