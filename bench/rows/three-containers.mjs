// Rows 3 and 7: three brokers in containers, up and down, against Docker Compose with health checks and the image's own entrypoint.
import { composeProject } from '../lib/compose.mjs'
import { lacksContainers } from '../lib/context.mjs'
import { kafkaTimes, mirrorsOf } from '../lib/docker.mjs'
import { freePorts, range } from '../lib/ports.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw'

const common = {
  CLUSTER_ID,
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  KAFKA_LOG_DIRS: '/var/lib/kafka/data',
}

const check = (port) => ({ test: ['CMD', 'nc', '-z', 'localhost', String(port)], interval: '1s', timeout: '1s', retries: 120 })

function broker(image, index, port, { roles, voters }) {
  const listeners = ['PLAINTEXT://:19092', 'PLAINTEXT_HOST://:9092', ...(roles.includes('controller') ? ['CONTROLLER://:9093'] : [])]
  return {
    image,
    ports: [`127.0.0.1:${port}:9092`],
    environment: {
      ...common,
      KAFKA_NODE_ID: String(index),
      KAFKA_PROCESS_ROLES: roles,
      KAFKA_CONTROLLER_QUORUM_VOTERS: voters,
      KAFKA_LISTENERS: listeners.join(','),
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://kafka-${index}:19092,PLAINTEXT_HOST://127.0.0.1:${port}`,
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    },
    // A broker binds its port only when it is registered: as good a check as a tool of the image, at a hundredth of the cost.
    healthcheck: check(9092),
  }
}

/** Layouts of the image's own examples: three combined nodes, or brokers with a controller of their own. */
const layouts = {
  combined: (image, ports) => {
    const voters = ports.map((_, i) => `${i + 1}@kafka-${i + 1}:9093`).join(',')
    return Object.fromEntries(
      ports.map((port, i) => [`kafka-${i + 1}`, broker(image, i + 1, port, { roles: 'broker,controller', voters })]),
    )
  },
  isolated: (image, ports) => {
    const voters = '101@controller:9093'
    const brokers = ports.map((port, i) => [`kafka-${i + 1}`, broker(image, i + 1, port, { roles: 'broker', voters })])
    const environment = {
      ...common,
      KAFKA_NODE_ID: '101',
      KAFKA_PROCESS_ROLES: 'controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: voters,
      KAFKA_LISTENERS: 'CONTROLLER://:9093',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    }
    return { controller: { image, environment, healthcheck: check(9093) }, ...Object.fromEntries(brokers) }
  },
}

let shared

/** Measured once for both rows. */
function measure(context) {
  shared ??= measureOnce(context)
  return shared
}

async function measureOnce(context) {
  const { devcluster, judge: judgement } = context
  const image = context.images.kafka
  const ports = range(await freePorts(3), 3)
  const file = devcluster.file('bench-c3', {
    runtime: 'docker',
    mirrors: mirrorsOf(image),
    services: { kafka: { version: '4.3.1', brokers: 3, port: ports[0] } },
  })
  const peer = (layout) => {
    const project = composeProject(context, layout, { services: layouts[layout](image.ref, ports) })
    return async () => {
      context.later(project.down)
      const usable = judgement.watch({ kind: 'kafka', ports })
      const up = await project.up()
      const usableAt = await usable
      const parts = await kafkaTimes(context.env, await project.id('kafka-1'))
      const down = await project.down()
      return { upMs: Math.max(up.endedAt, usableAt) - up.spawnedAt, usableMs: usableAt - up.spawnedAt, downMs: down.ms, ...parts }
    }
  }
  return interleave(context, context.quick ? 3 : 5, {
    async ours() {
      const usable = judgement.watch({ kind: 'kafka', ports })
      const up = await devcluster.cli(['up', '-f', file])
      const usableAt = await usable
      const status = JSON.parse((await devcluster.cli(['status', '--json', '-f', file])).out)
      const container = status.nodes.find(({ id }) => id === 'kafka-1').handle.replace(/^container /, '')
      const parts = await kafkaTimes(context.env, container)
      const down = await devcluster.cli(['down', '-f', file])
      return { upMs: Math.max(up.endedAt, usableAt) - up.spawnedAt, usableMs: usableAt - up.spawnedAt, downMs: down.ms, ...parts }
    },
    combined: peer('combined'),
    isolated: peer('isolated'),
  })
}

const missing = (context) => lacksContainers(context, { image: 'kafka', compose: true })
const names = {
  ours: 'devcluster (3 brokers + 1 controller)',
  combined: 'Compose, three combined nodes',
  isolated: 'Compose, 3 brokers + 1 controller',
}

const table = (results, keys) =>
  sidesTable(
    Object.fromEntries(
      keys.flatMap(([key, what]) => Object.entries(names).map(([side, name]) => [`${name}: ${what}`, pick(results[side], key)])),
    ),
  )

export const rows = [
  {
    id: '3',
    long: true,
    title: "Containers: three brokers, against Docker Compose with the image's own entrypoint",
    missing,
    async run(context) {
      const { results, ...noise } = await measure(context)
      const up = (side) => pick(results[side], 'upMs')
      return {
        images: [context.images.kafka.origin],
        tables: [
          table(results, [
            ['upMs', 'until the command has ended and the prober sees three brokers'],
            ['usableMs', 'until the prober sees three brokers'],
            ['beforeServerMs', 'kafka-1: container start to the first log line of the server (wrapper, format, JVM)'],
            ['serverMs', 'kafka-1: first log line to "Kafka Server started"'],
          ]),
        ],
        judged: [
          judge('three brokers, against Compose (combined nodes)', ratios(up('ours'), up('combined')), { bar: 0.55 }),
          judge('three brokers, against Compose (same layout as ours)', ratios(up('ours'), up('isolated')), { bar: 0.55 }),
          beside('usable by the prober, against combined', ratios(pick(results.ours, 'usableMs'), pick(results.combined, 'usableMs'))),
          beside(
            'usable by the prober, against the same layout',
            ratios(pick(results.ours, 'usableMs'), pick(results.isolated, 'usableMs')),
          ),
        ],
        notes: [
          '`docker compose up -d --wait` with health checks every second that cost next to nothing (nc on the port that a broker binds when it is registered).',
          noiseNote(noise),
        ],
      }
    },
  },
  {
    id: '7',
    long: true,
    title: 'Containers: down of three brokers, against Docker Compose down',
    missing,
    async run(context) {
      const { results, ...noise } = await measure(context)
      const down = (side) => pick(results[side], 'downMs')
      return {
        images: [context.images.kafka.origin],
        tables: [table(results, [['downMs', 'down, nothing kept']])],
        judged: [
          judge('down, against Compose (combined nodes)', ratios(down('ours'), down('combined')), { bar: 0.45 }),
          judge('down, against Compose (same layout)', ratios(down('ours'), down('isolated')), { bar: 0.45 }),
        ],
        notes: ['Whole processes: `devcluster down`; `docker compose down -v`.', noiseNote(noise)],
      }
    },
  },
]
