// `devcluster ps`: every cluster of this machine.
import { type ListedCluster, list } from '../../lifecycle/list.ts'
import type { Run } from '../command.ts'
import { columns } from '../format/table.ts'
import { show } from '../json.ts'

export const run: Run = async (call) => {
  const all = call.flags.on('all')
  // What another DEVCLUSTER_HOME started is not of this one's business, and nothing here can act on it by its folder.
  const clusters = (await list()).filter((cluster) => all || cluster.state !== 'elsewhere')
  await show(call, { v: 1, clusters }, () =>
    clusters.length === 0 ? 'no clusters' : columns([['ID', 'STATE', 'NODES', 'RUNTIME', 'LIFE', 'FOLDER'], ...clusters.map(row)]),
  )
  return 0
}

const row = (cluster: ListedCluster): string[] => [
  cluster.id,
  cluster.state,
  `${cluster.running}/${cluster.nodes}`,
  cluster.runtime,
  cluster.persistent ? 'persistent' : cluster.ownerAlive ? 'ephemeral' : 'ephemeral, owner gone',
  cluster.home === undefined ? (cluster.dir ?? '') : `state in ${cluster.home}`,
]
