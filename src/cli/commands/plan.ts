// `devcluster plan`: what up would do and why; with --explain every setting of every node, its origin and reason.
import type { Run } from '../command.ts'
import { formatExplain } from '../format/explain.ts'
import { show } from '../json.ts'

export const run: Run = async (call) => {
  const [{ formatPlan, planCluster }, { loadOptionsOf, sourceOf }] = await Promise.all([import('../../index.ts'), import('../target.ts')])
  const { flags, io, args } = call
  const planned = await planCluster(sourceOf(call), {
    ...loadOptionsOf(call),
    signal: call.signal,
    recreate: flags.on('recreate'),
    ...(args.length > 0 ? { only: args } : {}),
  })
  for (const warning of planned.warnings) io.note(warning)
  const { spec, plan, runtime, runtimeBecause, explain } = planned
  if (flags.on('mermaid')) {
    const { formatMermaid } = await import('../../plan/format.ts')
    await io.out(`${formatMermaid(plan)}\n`)
    return 0
  }
  const document = {
    v: 1,
    cluster: spec.id,
    runtime,
    runtimeBecause,
    steps: plan.steps,
    warnings: planned.warnings,
    ...(flags.on('explain') ? { explain } : {}),
  }
  await show(call, document, () => {
    const implied = spec.services
      .filter((service) => service.implied)
      .map((service) => `  ${service.name} is not in the file; others need it`)
    const lines = [`runtime: ${runtime} (${runtimeBecause})`, ...implied, formatPlan(plan, { all: flags.on('all') })]
    if (flags.on('explain')) lines.push('', formatExplain(explain, io.outPaint))
    return lines.join('\n')
  })
  return 0
}
