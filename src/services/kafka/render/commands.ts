// Kafka's command line tools of a node, with and without `.sh`. Which exist in a version is data of the catalogue.
import type { DefaultArguments, NodeCommand, Via } from '../../../model/node.ts'
import { kafkaArtifacts } from '../catalogue.ts'
import { logging } from './logging.ts'

interface ToolContext {
  readonly version: string
  readonly via: Via
  readonly configDir: string
  /** Where brokers are reached from this node. */
  readonly bootstrap: string
}

/** Tools that work on files or need no broker, and one whose address is no option. */
const WITHOUT_ADDRESS: ReadonlySet<string> = new Set(['dump-log', 'e2e-latency', 'jmx', 'replica-verification', 'storage'])

function defaultsOf(name: string, bootstrap: string): DefaultArguments | undefined {
  const tool = name.replace(/^kafka-/, '')
  if (WITHOUT_ADDRESS.has(tool)) return undefined
  if (tool === 'producer-perf-test') {
    return {
      args: ['--producer-props', `bootstrap.servers=${bootstrap}`],
      unless: ['--producer-props', '--producer.config', '--command-property', '--command-config', '--bootstrap-server'],
      behind: true,
    }
  }
  const same = ['--bootstrap-server', '--bootstrap-servers', '--bootstrap-controller', '--zookeeper', '--authorizer', '-b', '-C']
  return {
    args: ['--bootstrap-server', bootstrap],
    // To kafka-log-dirs a broker list is one of numbers.
    unless: tool === 'log-dirs' ? same : [...same, '--broker-list'],
    // Its sub-commands own the option; those of the others belong to the tool.
    ...(tool === 'cluster' ? { behind: true as const } : {}),
  }
}

/** Small JVMs that log to stderr: what tools print must stay readable and pipeable. */
function command(name: string, mainClass: string, context: ToolContext): NodeCommand {
  const defaults = defaultsOf(name, context.bootstrap)
  const common = defaults ? { defaults } : {}
  if (context.via === 'container') {
    return {
      ...common,
      via: 'container',
      argv: [`/opt/kafka/bin/${name}.sh`],
      env: { KAFKA_HEAP_OPTS: '-Xms16m -Xmx256m', KAFKA_OPTS: '', JMX_PORT: '' },
    }
  }
  const { broker, tools } = kafkaArtifacts(context.version)
  const together = tools.classPath === 'with-broker'
  return {
    ...common,
    via: 'process',
    distribution: {
      from: 'maven',
      id: `kafka-tools-${tools.version}`,
      artifacts: together ? [...broker, ...tools.artifacts] : tools.artifacts,
    },
    program: {
      type: 'java',
      minVersion: 17,
      mainClass,
      jvmArgs: [
        '-Xms16m',
        '-Xmx256m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        logging(tools.version ?? context.version, 'tools').flag(context.configDir),
      ],
      args: [],
      archive: false,
    },
  }
}

export function toolCommands(context: ToolContext): Record<string, NodeCommand> {
  const result: Record<string, NodeCommand> = {}
  for (const [name, mainClass] of Object.entries(kafkaArtifacts(context.version).tools.commands)) {
    const made = command(name, mainClass, context)
    result[name] = made
    result[`${name}.sh`] = made
  }
  return result
}
