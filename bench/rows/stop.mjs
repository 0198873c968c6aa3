// Row 6b: a clean stop with the data kept, against three combined nodes that are told to stop at the same time.
import { freePorts, range } from '../lib/ports.mjs'
import { epoch, identify, lives, sleep } from '../lib/process.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const FOREVER_MS = 60_000

export const rows = [
  {
    id: '6b',
    title: 'Processes: a clean stop of three brokers, data kept, against three combined nodes stopped together',
    async run(context) {
      const { devcluster, judge: judgement } = context
      const cluster = async (name, options) => {
        const ports = range(await freePorts(3), 3)
        const services = { kafka: { version: '4.3', brokers: 3, port: ports[0], topics: { orders: '6:3' }, ...options } }
        return { name, ports, file: devcluster.file(name, { runtime: 'process', services }) }
      }
      const dedicated = await cluster('bench-stop', {})
      const combined = await cluster('bench-stop-combined', { controllers: 'combined' })
      const up = async ({ file, ports }) => {
        const usable = judgement.watch({ kind: 'kafka', ports, topic: 'orders' })
        await devcluster.cli(['up', '-f', file])
        await usable
      }
      const living = ({ name }) => Object.values(devcluster.pids(name)).map(identify)
      const { results, ...noise } = await interleave(context, context.quick ? 3 : 6, {
        async ours() {
          await up(dedicated)
          const nodes = living(dedicated)
          const { ms } = await devcluster.cli(['stop', '-f', dedicated.file])
          if (nodes.some(lives)) throw new Error('devcluster stop returned while a node ran')
          return { stopMs: ms }
        },
        async combined() {
          await up(combined)
          const nodes = living(combined)
          const begin = epoch()
          for (const { pid } of nodes) process.kill(pid, 'SIGTERM')
          while (nodes.some(lives)) {
            if (epoch() - begin > FOREVER_MS) throw new Error(`a combined node did not end within ${FOREVER_MS / 1000} s`)
            await sleep(5)
          }
          const stopMs = epoch() - begin
          await devcluster.cli(['stop', '-f', combined.file])
          return { stopMs }
        },
        async oursCombined() {
          await up(combined)
          return { stopMs: (await devcluster.cli(['stop', '-f', combined.file])).ms }
        },
      })
      const [ours, peer, oursCombined] = ['ours', 'combined', 'oursCombined'].map((side) => pick(results[side], 'stopMs'))
      return {
        tables: [
          sidesTable({
            'devcluster stop: three brokers, then their controller (whole process)': ours,
            'SIGTERM to three combined nodes at once, until the last has ended': peer,
            'devcluster stop of three combined nodes (whole process)': oursCombined,
          }),
        ],
        judged: [
          judge('a clean stop, against three combined nodes stopped together', ratios(ours, peer), { bar: 0.25 }),
          beside('devcluster stop of combined nodes, against the same nodes stopped together', ratios(oursCombined, peer)),
        ],
        notes: ['The same version, settings and topic on every side; no node is killed, all data is kept.', noiseNote(noise)],
      }
    },
  },
]
