// Row 6: a killed broker back in every broker's metadata with every in-sync set full; ours against starting it again and nothing else.
import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { threeBrokers } from '../lib/live.mjs'
import { commandLine, epoch, identify, killHard, lives } from '../lib/process.mjs'
import { judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const NODE = 'kafka-2'
const WHY =
  'our own start, then the start of the JVM on two busy cores; the rest is Kafka letting the broker serve and taking it back into the in-sync sets'

export const rows = [
  {
    id: '6',
    title: 'Processes: a killed broker back, every in-sync set full, against stock handling',
    async run(context) {
      const { devcluster, judge: judgement } = context
      const { file, name, ports } = await threeBrokers(context, 'bench-rejoin')
      const argv = commandLine(devcluster.pids(name)[NODE])
      const whole = { kind: 'kafka', ports, topic: 'orders' }
      // Whoever runs it now; the stock side starts it by itself, with the same command line, on the same data.
      let current = identify(devcluster.pids(name)[NODE])
      const { results, ...noise } = await interleave(context, context.quick ? 3 : 6, {
        async ours() {
          await killHard(current)
          const begin = epoch()
          const back = judgement.watch(whole)
          const up = await devcluster.cli(['up', '-f', file])
          const backAt = await back
          current = identify(devcluster.pids(name)[NODE])
          return { backMs: backAt - begin, returnMs: up.endedAt - begin }
        },
        async stock() {
          await killHard(current)
          const begin = epoch()
          const log = openSync(join(context.work, 'stock.log'), 'a')
          const back = judgement.watch(whole)
          const child = spawn(argv[0], argv.slice(1), {
            cwd: context.work,
            env: { PATH: process.env.PATH },
            stdio: ['ignore', log, log],
            detached: true,
          })
          current = identify(child.pid)
          const mine = current
          context.later(() => killHard(mine))
          const backAt = await back
          if (!lives(mine))
            throw new Error(`the broker of the stock side died: ${readFileSync(join(context.work, 'stock.log'), 'utf8').slice(-500)}`)
          return { backMs: backAt - begin }
        },
      })
      await killHard(current)
      const [ours, stock] = [pick(results.ours, 'backMs'), pick(results.stock, 'backMs')]
      return {
        tables: [
          sidesTable({
            'SIGKILL, then devcluster up: back, in-sync sets full': ours,
            'the same until the command has ended': pick(results.ours, 'returnMs'),
            'SIGKILL, then the same java command': stock,
          }),
        ],
        judged: [judge('a killed broker back, in-sync sets full', ratios(ours, stock), { bar: 0.25, why: WHY })],
        notes: [
          'Three brokers and a controller, one topic of six partitions with three replicas; the time runs from the end of the killed process. Stock handling waits for the old registration to expire (broker.session.timeout.ms, 9 s, the same on both sides).',
          noiseNote(noise),
        ],
      }
    },
  },
]
