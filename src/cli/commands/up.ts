// `devcluster up`: brings the cluster up and says how to reach it. With nothing to do it only proves that, from Node's built-ins.
import type { ClusterSummary } from '../../engine/summary.ts'
import type { Run } from '../command.ts'
import { formatReady } from '../format/ready.ts'
import { upHot } from '../hot/up.ts'

export const run: Run = async (call) => {
  const began = performance.now()
  if (call.flags.on('dry-run')) return (await import('./plan.ts')).run(call)
  const hot = await upHot(call)
  if (!hot) return (await import('./up-whole.ts')).run(call)
  const ms = Math.round(performance.now() - began)
  const { stored, status } = hot
  const standIns = status.nodes.filter((node) => node.standIn).map((node) => node.id)
  await call.io.out(
    call.flags.on('json')
      ? `${JSON.stringify(result(stored, ms))}\n`
      : `${formatReady({ stored, ms, changed: false, standIns, partly: false }, call.io.outPaint)}\n`,
  )
  return 0
}

const result = (stored: ClusterSummary, ms: number) => ({
  v: 1,
  at: Date.now(),
  type: 'result',
  cluster: stored.id,
  state: 'ok',
  ms,
  data: { changed: false, env: stored.env.host },
})
