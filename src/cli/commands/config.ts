// `devcluster config`: the file as it is understood, merged and interpolated, as YAML or with --json as JSON.
import { loadCluster } from '../../index.ts'
import type { Run } from '../command.ts'
import { loadOptionsOf, sourceOf } from '../target.ts'

export const run: Run = async (call) => {
  const { tree, warnings } = await loadCluster(sourceOf(call), loadOptionsOf(call))
  for (const warning of warnings) call.io.note(warning)
  if (call.flags.on('json')) await call.io.out(`${JSON.stringify(tree, null, 2)}\n`)
  else await call.io.out((await import('yaml')).stringify(tree, { lineWidth: 0 }))
  return 0
}
