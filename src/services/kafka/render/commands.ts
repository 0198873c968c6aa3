// Kafka's command line tools of a node, with and without `.sh`. Which exist in a version is data of the catalogue.
import type { NodeCommand, Via } from '../../../model/node.ts'
import { kafkaArtifacts } from '../catalogue.ts'
import { logging } from './logging.ts'

/** Small JVMs that log to stderr: what tools print must stay readable and pipeable. */
function command(name: string, mainClass: string, context: { version: string; via: Via; configDir: string }): NodeCommand {
  if (context.via === 'container') {
    return {
      via: 'container',
      argv: [`/opt/kafka/bin/${name}.sh`],
      env: { KAFKA_HEAP_OPTS: '-Xms16m -Xmx256m', KAFKA_OPTS: '', JMX_PORT: '' },
    }
  }
  const { broker, tools } = kafkaArtifacts(context.version)
  const together = tools.classPath === 'with-broker'
  return {
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

export function toolCommands(context: { version: string; via: Via; configDir: string }): Record<string, NodeCommand> {
  const result: Record<string, NodeCommand> = {}
  for (const [name, mainClass] of Object.entries(kafkaArtifacts(context.version).tools.commands)) {
    const made = command(name, mainClass, context)
    result[name] = made
    result[`${name}.sh`] = made
  }
  return result
}
