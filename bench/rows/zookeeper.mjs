// Row 3b: a ZooKeeper ensemble in containers against Docker Compose, same image, entrypoint, JVM flags and settings.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { composeProject } from '../lib/compose.mjs'
import { lacksContainers } from '../lib/context.mjs'
import { mirrorsOf } from '../lib/docker.mjs'
import { freePorts, range } from '../lib/ports.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const WHY =
  'the servers take as long on both sides (see the prober below) and most of the time; saved is only the wait for the next health check'

export const rows = [
  {
    id: '3b',
    title: 'Containers: three ZooKeeper members, against Docker Compose with the same image and flags',
    missing: (context) => lacksContainers(context, { image: 'zookeeper', compose: true }),
    async run(context) {
      const { devcluster, judge: judgement } = context
      const image = context.images.zookeeper
      const ports = range(await freePorts(3), 3)
      const file = devcluster.file('bench-zk', {
        runtime: 'docker',
        mirrors: mirrorsOf(image),
        services: { zookeeper: { version: '3.9.4', members: 3, port: ports[0] } },
      })
      const rendered = join(context.work, 'zk-rendered')
      await devcluster.cli(['render', rendered, '-f', file])
      const { env } = JSON.parse(readFileSync(join(rendered, 'zookeeper-1', 'launch.json'), 'utf8'))
      const settings = Object.fromEntries(
        readFileSync(join(rendered, 'zookeeper-1', 'config', 'zoo.cfg'), 'utf8')
          .split('\n')
          .filter((line) => line.includes('='))
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      const members = [1, 2, 3]
      const service = (n) => ({
        image: image.ref,
        hostname: `zookeeper-${n}`,
        ports: [`127.0.0.1:${ports[n - 1]}:2181`],
        environment: {
          ZOO_MY_ID: String(n),
          ZOO_SERVERS: members.map((m) => `server.${m}=zookeeper-${m}:2888:3888;2181`).join(' '),
          ZOO_TICK_TIME: settings.tickTime ?? '2000',
          ZOO_INIT_LIMIT: settings.initLimit ?? '5',
          ZOO_SYNC_LIMIT: settings.syncLimit ?? '2',
          ZOO_ADMINSERVER_ENABLED: settings['admin.enableServer'] ?? 'true',
          ZOO_4LW_COMMANDS_WHITELIST: 'srvr',
          ZK_SERVER_HEAP: env.ZK_SERVER_HEAP,
          JMXDISABLE: env.JMXDISABLE,
          SERVER_JVMFLAGS: env.SERVER_JVMFLAGS.split(' ')
            .filter((flag) => !flag.startsWith('-Dlogback'))
            .join(' '),
        },
        healthcheck: {
          test: ['CMD-SHELL', 'echo srvr | nc -w 1 localhost 2181 | grep -q Mode'],
          interval: '1s',
          timeout: '2s',
          retries: 120,
        },
      })
      const project = composeProject(context, 'zk', { services: Object.fromEntries(members.map((n) => [`zookeeper-${n}`, service(n)])) })
      context.later(project.down)
      const sample = async (up, down) => {
        const usable = judgement.watch({ kind: 'zookeeper', ports })
        const done = await up()
        const usableAt = await usable
        const removed = await down()
        return { upMs: Math.max(done.endedAt, usableAt) - done.spawnedAt, usableMs: usableAt - done.spawnedAt, downMs: removed.ms }
      }
      const { results, ...noise } = await interleave(context, context.quick ? 3 : 6, {
        ours: () =>
          sample(
            () => devcluster.cli(['up', '-f', file]),
            () => devcluster.cli(['down', '-f', file]),
          ),
        compose: () => sample(project.up, project.down),
      })
      const [ours, theirs] = ['ours', 'compose'].map((side) => (key) => pick(results[side], key))
      return {
        images: [image.origin],
        tables: [
          sidesTable({
            'devcluster up': ours('upMs'),
            'docker compose up --wait': theirs('upMs'),
            'devcluster: usable by the prober': ours('usableMs'),
            'Compose: usable by the prober': theirs('usableMs'),
            'devcluster down': ours('downMs'),
            'docker compose down -v': theirs('downMs'),
          }),
        ],
        judged: [
          judge('ZooKeeper ensemble, against Compose with 1 s health checks', ratios(ours('upMs'), theirs('upMs')), {
            bar: 0.72,
            why: WHY,
          }),
          beside('usable by the prober', ratios(ours('usableMs'), theirs('usableMs'))),
          beside('down', ratios(ours('downMs'), theirs('downMs'))),
        ],
        notes: ['The bar is that of mixed services; here it is asked of ZooKeeper alone.', noiseNote(noise)],
      }
    },
  },
]
