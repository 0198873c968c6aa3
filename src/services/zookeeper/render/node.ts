// One ZooKeeper member, for either runtime: zoo.cfg, myid, log, JVM flags, the shell.
import type { NodeCommand, NodeDraft, RenderedFile, Training } from '../../../model/node.ts'
import { formatAddress } from '../../../model/placement.ts'
import type { RenderContext } from '../../../model/service.ts'
import type { NodeShape } from '../../../model/shape.ts'
import { formatProperties } from '../../../render/formats/properties.ts'
import { zookeeperArtifacts, zookeeperImage } from '../catalogue.ts'
import type { ZookeeperFacts, ZookeeperOptions } from '../options.ts'
import { logback } from './logging.ts'
import { zooCfg } from './zoo-cfg.ts'

const MB = 1024 * 1024

function heapOf({ service }: RenderContext<ZookeeperOptions>): { heap: string; why: string; origin: 'file' | 'tuning' | 'default' } {
  const { heap, tuning } = service.options
  if (heap !== undefined) return { heap, why: 'heap: in the cluster file', origin: 'file' }
  const limit = service.resources.memoryBytes
  const usual = tuning === 'stock' ? 1000 : 96
  const mb = limit === undefined ? usual : Math.max(24, Math.min(usual, Math.floor(limit / 2 / MB)))
  return {
    heap: `${mb}m`,
    ...(tuning === 'stock'
      ? { why: "the start script's own heap, within the memory limit", origin: 'default' }
      : { why: 'metadata of a development cluster takes some MB', origin: 'tuning' }),
  }
}

/** SerialGC and C1: a start of 0.36 s instead of 0.57 s with the start-up archive, 60 MB instead of 90. */
function vmFlags(node: NodeShape, context: RenderContext<ZookeeperOptions>): string[] {
  const debug = context.placement[node.id]?.ports['debug']
  return [
    ...(context.service.options.tuning === 'stock' ? [] : ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']),
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    '-Dzookeeper.jmx.log4j.disable=true',
    ...(debug ? [`-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=${debug.listen.host}:${debug.listen.port}`] : []),
  ]
}

function shell(node: NodeShape, context: RenderContext<ZookeeperOptions>): Record<string, NodeCommand> {
  const { version } = context.service.options
  const client = context.placement[node.id]?.ports['client']?.peer
  const defaults = client ? { defaults: { args: ['-server', formatAddress(client)], unless: ['-server'] } } : {}
  const command: NodeCommand =
    context.via === 'container'
      ? { ...defaults, via: 'container', argv: ['zkCli.sh'], env: { SERVER_JVMFLAGS: '', JVMFLAGS: '' } }
      : {
          ...defaults,
          via: 'process',
          distribution: { from: 'maven', id: `zookeeper-${version}`, artifacts: zookeeperArtifacts(version).server },
          program: {
            type: 'java',
            minVersion: 17,
            mainClass: 'org.apache.zookeeper.ZooKeeperMain',
            jvmArgs: ['-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
            args: [],
            archive: false,
          },
        }
  return { zkCli: command, 'zkCli.sh': command, 'zookeeper-shell': command }
}

function training(): Training {
  const config = formatProperties([
    ['tickTime', '1000'],
    ['dataDir', '{dir}/data'],
    ['clientPort', '{port1}'],
    ['clientPortAddress', '127.0.0.1'],
    ['admin.enableServer', 'false'],
  ])
  return { files: [{ path: 'zoo.cfg', content: config }], args: ['{dir}/zoo.cfg'], readyLog: 'binding to port' }
}

export function renderZookeeper(node: NodeShape, context: RenderContext<ZookeeperOptions>): NodeDraft {
  const { service, via } = context
  const { options } = service
  const place = context.placement[node.id]
  if (!place) throw new Error(`${node.id} has no place`)
  const settings = zooCfg(node, context, place.dirs.data)
  const { heap, why, origin } = heapOf(context)
  const flags = vmFlags(node, context)
  const facts: ZookeeperFacts = { myid: node.index, members: options.members }
  const log = logback()
  const zoo: RenderedFile = {
    dir: 'config',
    path: 'zoo.cfg',
    content: formatProperties(settings.map(({ setting, value }) => [setting, value])),
  }
  const common = {
    stop: { signal: 'SIGTERM', graceMs: 10_000 } as const,
    commands: shell(node, context),
    explain: [
      ...settings,
      { setting: 'JVM heap', value: heap, origin, why },
      {
        setting: 'JVM flags',
        value: flags.join(' '),
        origin: options.tuning === 'dev' ? 'tuning' : 'default',
        why: 'start time and memory',
      } as const,
    ],
    resources: service.resources,
    volumes: service.volumes,
    identity: { version: options.version, members: String(options.members) },
    facts: { ...facts },
  }
  if (via === 'container') {
    // The image's own entrypoint: it writes myid from ZOO_MY_ID where absent, and takes a zoo.cfg that is there.
    const env = {
      ...service.env,
      ZOO_MY_ID: String(node.index),
      ZOOCFGDIR: place.dirs.config,
      ZOO_CONF_DIR: place.dirs.config,
      ZK_SERVER_HEAP: String(heapMb(heap)),
      JMXDISABLE: 'true',
      SERVER_JVMFLAGS: [...flags, `-Dlogback.configurationFile=${place.dirs.config}/${log.file}`].join(' '),
    }
    return {
      ...common,
      env,
      files: [zoo, { dir: 'config', path: log.file, content: log.content }],
      launch: { via, image: service.image ?? zookeeperImage(options.version) },
    }
  }
  return {
    ...common,
    env: service.env,
    files: [
      zoo,
      { dir: 'config', path: log.file, content: log.content },
      ...(options.members > 1 ? [{ dir: 'data', path: 'myid', content: `${node.index}\n` } as const] : []),
    ],
    launch: {
      via,
      distribution: { from: 'maven', id: `zookeeper-${options.version}`, artifacts: zookeeperArtifacts(options.version).server },
      program: {
        type: 'java',
        minVersion: 17,
        mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
        jvmArgs: [
          `-Xms${Math.min(16, heapMb(heap))}m`,
          `-Xmx${heap}`,
          ...flags,
          `-Dlogback.configurationFile=${place.dirs.config}/${log.file}`,
        ],
        args: [`${place.dirs.config}/zoo.cfg`],
        archive: options.tuning === 'dev',
        training: training(),
      },
    },
  }
}

function heapMb(heap: string): number {
  const amount = Number.parseInt(heap, 10)
  const unit = heap.at(-1)?.toLowerCase()
  return unit === 'g' ? amount * 1024 : unit === 'k' ? Math.max(1, Math.ceil(amount / 1024)) : amount
}
