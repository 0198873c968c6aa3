// `devcluster logs`: what nodes wrote, interleaved as it comes, each node in its colour.
import type { Run } from '../command.ts'
import { countOf, momentOf } from '../values.ts'

export const run: Run = async (call) => {
  const { flags, io, signal } = call
  const tail = countOf('tail', flags.text('tail'))
  const sinceMs = momentOf('since', flags.text('since'), Date.now())
  const [{ connectCluster }, { targetOf }] = await Promise.all([import('../../index.ts'), import('../target.ts')])
  const cluster = await connectCluster(await targetOf(call))
  const shown = call.args.length === 0 ? cluster.nodes : [...new Set(call.args.flatMap((target) => cluster.targets(target)))]
  const width = Math.max(...shown.map((node) => node.length))
  const lines = cluster.logs(call.args, {
    follow: flags.on('follow'),
    signal,
    ...(tail === undefined ? {} : { tail }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  })
  try {
    for await (const line of lines) {
      const prefix = shown.length === 1 ? '' : `${io.outPaint.nth(cluster.nodes.indexOf(line.node), `${line.node.padEnd(width)} |`)} `
      await io.out(flags.on('json') ? `${JSON.stringify(line)}\n` : `${prefix}${line.text}\n`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return 0
}
