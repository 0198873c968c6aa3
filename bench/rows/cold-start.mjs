// Row 5: the command line's own cost against `node -e 0`.

import { dirname } from 'node:path'
import { threeBrokers } from '../lib/live.mjs'
import { timed } from '../lib/process.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

export const rows = [
  {
    id: '5',
    title: 'Cold start: --version, --help, status of three live brokers, against node -e 0',
    async run(context) {
      const { devcluster, env } = context
      const { file } = await threeBrokers(context, 'bench-cold')
      const cwd = dirname(file)
      const side = (args) => async () => (await devcluster.cli(args, { cwd })).ms
      const { results, ...noise } = await interleave(context, context.quick ? 7 : 15, {
        node: async () => (await timed(process.execPath, ['-e', '0'], { env })).ms,
        version: side(['--version']),
        help: side(['--help']),
        status: side(['status']),
        statusFlag: side(['status', '-f', file]),
      })
      return {
        tables: [
          sidesTable({
            'node -e 0': results.node,
            'devcluster --version': results.version,
            'devcluster --help': results.help,
            'devcluster status (three brokers, one controller, handshakes included)': results.status,
            'devcluster status -f FILE': results.statusFlag,
          }),
        ],
        judged: [
          judge('--version', ratios(results.version, results.node), { bar: 1.35 }),
          judge('--help', ratios(results.help, results.node), { bar: 1.35 }),
          judge('status of three live brokers', ratios(results.status, results.node), { bar: 2.2 }),
          beside('status -f FILE', ratios(results.statusFlag, results.node)),
        ],
        notes: ['Whole processes by the clock, called in the folder of the cluster file, NODE_EXTRA_CA_CERTS unset.', noiseNote(noise)],
      }
    },
  },
]
