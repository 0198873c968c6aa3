// `devcluster validate`: every mistake of the cluster file with its place, or how much it describes. Starts nothing.
import { loadCluster, shapeCluster } from '../../index.ts'
import type { Run } from '../command.ts'
import { showNews } from '../json.ts'
import { loadOptionsOf, sourceOf } from '../target.ts'

const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`

export const run: Run = async (call) => {
  const { spec, warnings } = await loadCluster(sourceOf(call), loadOptionsOf(call))
  const nodes = shapeCluster(spec)
  for (const warning of warnings) call.io.note(warning)
  await showNews(
    call,
    {
      v: 1,
      ok: true,
      cluster: spec.id,
      services: spec.services.map(({ name, kind }) => ({ name, kind })),
      nodes: nodes.map(({ id, role }) => ({ id, role })),
      warnings,
    },
    () => `ok: ${count(spec.services.length, 'service')}, ${count(nodes.length, 'node')}`,
  )
  return 0
}
