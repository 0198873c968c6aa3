// Row 4: `up` again when all runs, against `node -e 0` and against testcontainers' reuse.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lacksContainers } from '../lib/context.mjs'
import { LABEL, mirrorsOf } from '../lib/docker.mjs'
import { threeBrokers } from '../lib/live.mjs'
import { freePorts } from '../lib/ports.mjs'
import { run, timed } from '../lib/process.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const PEER = fileURLToPath(new URL('../children/testcontainers.mjs', import.meta.url))

export const rows = [
  {
    id: '4',
    title: 'up again, all running, against node -e 0 and testcontainers reuse',
    async run(context) {
      const { devcluster, env } = context
      const n = context.quick ? 7 : 15
      const node = async () => (await timed(process.execPath, ['-e', '0'], { env })).ms
      const { file } = await threeBrokers(context, 'bench-again')
      // As it is typed in the folder of the file; -f costs the reading of flags besides, and is shown for comparison.
      const again = (path) => async () => (await devcluster.cli(['up'], { cwd: dirname(path) })).ms
      const withFlag = (path) => async () => (await devcluster.cli(['up', '-f', path])).ms
      const sides = { node, ours: again(file), oursFlag: withFlag(file) }
      const lacking = lacksContainers(context, { image: 'kafka' })
      if (!lacking) {
        const image = context.images.kafka
        const container = devcluster.file('bench-again-c', {
          runtime: 'docker',
          mirrors: mirrorsOf(image),
          services: { kafka: { version: '4.3.1' } },
        })
        await devcluster.cli(['up', '-f', container])
        const task = JSON.stringify({ image: image.ref, port: await freePorts(1), labels: { [LABEL]: context.id }, reuse: true })
        const peerEnv = { ...env, TESTCONTAINERS_RYUK_DISABLED: 'true', TESTCONTAINERS_REUSE_ENABLE: 'true' }
        const peer = () => run(process.execPath, [PEER, task], { env: peerEnv })
        await peer()
        sides.oursContainer = again(container)
        sides.oursContainerFlag = withFlag(container)
        sides.testcontainers = async () => (await peer()).ms
      }
      const { results, ...noise } = await interleave(context, n, sides)
      const judged = [judge('up again (three brokers as processes), against node -e 0', ratios(results.ours, results.node), { bar: 2.5 })]
      if (!lacking) {
        judged.push(
          judge('up again (one broker in a container), against node -e 0', ratios(results.oursContainer, results.node), { bar: 2.5 }),
          judge(
            'up again (one broker in a container), against testcontainers reuse',
            ratios(results.oursContainer, results.testcontainers),
            { bar: 0.1, why: 'a Node process that does nothing takes more than half of what the bar allows here' },
          ),
        )
      }
      judged.push(beside('the same with -f FILE (three brokers as processes)', ratios(results.oursFlag, results.node)))
      if (!lacking)
        judged.push(beside('the same with -f FILE (one broker in a container)', ratios(results.oursContainerFlag, results.node)))
      return {
        ...(lacking ? {} : { images: [context.images.kafka.origin] }),
        tables: [
          sidesTable({
            'node -e 0': results.node,
            'devcluster up: three brokers as processes': results.ours,
            'devcluster up -f FILE: three brokers as processes': results.oursFlag,
            'devcluster up: one broker in a container': results.oursContainer ?? [],
            'devcluster up -f FILE: one broker in a container': results.oursContainerFlag ?? [],
            'testcontainers with reuse: one container': results.testcontainers ?? [],
          }),
        ],
        judged,
        notes: [
          'Whole processes by the clock, called in the folder of the cluster file. Ours proves every node over its protocol each time; the reuse of testcontainers waits for a log line that is already there.',
          ...(lacking ? [`Containers left out: ${lacking}.`] : []),
          noiseNote(noise),
        ],
      }
    },
  },
]
