// The whole way of `devcluster up`: plan and apply through the library, with progress.
import '../parse-once.ts'
import { readSummary } from '../../engine/look.ts'
import { criticalPath, type StartOptions, startCluster, startReport } from '../../index.ts'
import { act } from '../act.ts'
import type { Call, Run } from '../command.ts'
import { formatReady } from '../format/ready.ts'
import { formatTimings } from '../format/timings.ts'
import { loadOptionsOf, sourceOf } from '../target.ts'
import { toCopy } from '../to-copy.ts'
import { durationOf } from '../values.ts'

function startOptions(call: Call): StartOptions {
  const { flags, args } = call
  const lockTimeoutMs = durationOf('timeout', flags.text('timeout'))
  return {
    ...loadOptionsOf(call),
    persistent: true,
    signal: call.signal,
    recreate: flags.on('recreate'),
    keepOnFailure: flags.on('keep-on-failure'),
    pull: flags.text('pull') === 'always' ? 'always' : 'missing',
    ...(args.length > 0 ? { only: args } : {}),
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
  }
}

export const run: Run = (call) =>
  act(call, async (onEvent) => {
    const cluster = await startCluster(sourceOf(call), { ...startOptions(call), onEvent })
    const report = startReport(cluster)
    const stored = await readSummary(cluster.id)
    const standIns =
      cluster.runtime === 'docker'
        ? (await cluster.status({ signal: call.signal })).nodes.filter((node) => node.standIn).map((node) => node.id)
        : []
    const ms = report?.ms ?? 0
    const changed = report?.changed ?? true
    const timings = report?.timings ?? []
    const summary = { ms, changed, standIns, partly: call.args.length > 0 }
    const lines = stored ? [formatReady({ stored, ...summary }, call.io.outPaint, (text) => toCopy(text, call))] : []
    if (call.flags.on('timings')) lines.push('', formatTimings(timings, criticalPath(timings), call.io.outPaint))
    return {
      cluster: cluster.id,
      text: lines.join('\n'),
      data: {
        changed,
        runtime: cluster.runtime,
        env: cluster.env(),
        ...(standIns.length > 0 ? { standIns } : {}),
        ...(call.flags.on('timings') ? { timings, criticalPath: criticalPath(timings).map(({ id }) => id) } : {}),
      },
    }
  })
