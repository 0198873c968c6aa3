// One Kafka node, for either runtime: files, launch, tools, and an explanation of every value.
import type { Explained, NodeDraft, RenderedFile } from '../../../model/node.ts'
import type { RenderContext } from '../../../model/service.ts'
import type { NodeShape } from '../../../model/shape.ts'
import { formatProperties } from '../../../render/formats/properties.ts'
import { kafkaArtifacts, kafkaImage } from '../catalogue.ts'
import type { KafkaFacts, KafkaOptions } from '../options.ts'
import { isVoter, nodeNumber } from '../shape.ts'
import { toolCommands } from './commands.ts'
import { identityOf, kafkaClusterId } from './identity.ts'
import { heapFlags, vmFlags } from './jvm.ts'
import { bootstrapOf } from './listeners.ts'
import { logging } from './logging.ts'
import { serverProperties } from './properties.ts'
import { startScript } from './start-script.ts'
import { storageFiles } from './storage.ts'
import { training } from './training.ts'

/** A clean stop takes well under a second per node; a broker whose controllers are gone would wait for minutes. */
const STOP_GRACE_MS = 15_000

export function renderKafka(node: NodeShape, context: RenderContext<KafkaOptions>): NodeDraft {
  const { service, cluster, via } = context
  const { options } = service
  const place = context.placement[node.id]
  if (!place) throw new Error(`${node.id} has no place`)
  const { config: configDir, data: dataDir } = place.dirs
  const kraft = options.mode === 'kraft'
  const facts: KafkaFacts = {
    nodeId: nodeNumber(node),
    clusterId: kafkaClusterId(cluster.id, service.name),
    mode: options.mode,
    version: options.version,
  }
  const artifacts = kafkaArtifacts(options.version)
  const properties = serverProperties(node, context, dataDir)
  const heap = heapFlags(node, context)
  const flags = vmFlags(node, context)
  const log = logging(options.version, 'node')
  const storage = kraft ? storageFiles({ ...facts, voter: isVoter(node) }, artifacts) : []
  const files: RenderedFile[] = [
    { dir: 'config', path: 'server.properties', content: formatProperties(properties.map(({ setting, value }) => [setting, value])) },
    { dir: 'config', path: log.file, content: log.content },
  ]
  const explain: Explained[] = [
    ...properties,
    { setting: 'JVM heap', value: heap.flags.join(' '), origin: heap.origin, why: heap.why },
    {
      setting: 'JVM flags',
      value: flags.join(' '),
      origin: options.tuning === 'dev' ? 'tuning' : 'default',
      why:
        options.tuning === 'dev'
          ? 'starts and produces with less CPU time and memory on few cores; stock for long full load'
          : "the start script's own flags; ends when memory is exhausted",
    },
  ]
  const common = {
    env: service.env,
    stop: { signal: 'SIGTERM', graceMs: STOP_GRACE_MS } as const,
    commands: toolCommands({ version: options.version, via, configDir, bootstrap: bootstrapOf(node, context) }),
    explain,
    resources: service.resources,
    volumes: service.volumes,
    identity: identityOf(options),
    facts: { ...facts },
  }
  if (via === 'container') {
    const script = startScript({
      configDir,
      dataDir,
      clusterId: facts.clusterId,
      heapFlags: heap.flags,
      vmFlags: flags,
      logFlag: log.flag(configDir),
      storage,
      fallback: kraft,
    })
    files.push(...storage.map((file): RenderedFile => ({ ...file, dir: 'config', path: `storage/${file.path}` })))
    files.push({ dir: 'config', path: 'start.sh', content: script, mode: 0o755 })
    return {
      ...common,
      files,
      launch: { via, image: service.image ?? kafkaImage(options.version), entrypoint: ['/bin/bash', `${configDir}/start.sh`] },
    }
  }
  const tools = logging(artifacts.tools.version ?? options.version, 'tools')
  files.push(
    { dir: 'config', path: tools.file, content: tools.content },
    ...storage.map((file): RenderedFile => ({ ...file, dir: 'data' })),
  )
  return {
    ...common,
    files,
    launch: {
      via,
      distribution: { from: 'maven', id: `kafka-${options.version}`, artifacts: artifacts.broker },
      program: {
        type: 'java',
        minVersion: 17,
        mainClass: 'kafka.Kafka',
        jvmArgs: [...heap.flags, ...flags, log.flag(configDir)],
        args: [`${configDir}/server.properties`],
        archive: options.tuning === 'dev',
        training: training(options.version),
      },
    },
  }
}
