// What exists, found by labels alone: one list of containers and one of volumes; only ended containers are inspected. Changes nothing.
import { hostname } from 'node:os'
import type { ClusterRef, ListedByRuntime, Observed, ObservedNode } from '../../model/runtime.ts'
import { mapLimit } from '../../util/async.ts'
import type { ContainerDetails, ContainerSummary, NetworkDetails, VolumeDetails } from './api.ts'
import { containersOf, type DockerContext } from './context.ts'
import { exitFrom } from './ended.ts'
import { isRemote } from './endpoint.ts'
import { filters, orAbsent } from './engine.ts'
import { currentUser, LABEL, ofCluster } from './labels.ts'
import { nodeOf } from './summary.ts'

/** Nodes and data of one cluster. */
export async function observe(context: DockerContext, cluster: ClusterRef): Promise<Observed> {
  const { engine } = await context.connect()
  const [containers, volumes] = await Promise.all([
    containersOf(engine, cluster.id),
    engine.get<{ Volumes?: VolumeDetails[] | null }>('/volumes', { query: { filters: filters({ label: [ofCluster(cluster.id)] }) } }),
  ])
  const nodes = await mapLimit(containers, 8, async (container) => {
    const node = nodeOf(container)
    if (node?.state !== 'stopped') return node
    const details = await orAbsent(engine.get<ContainerDetails>(`/containers/${container.Id}/json`))
    const exit = details && (await exitFrom(context, cluster, node.id, details))
    return exit ? { ...node, exit } : node
  })
  return {
    nodes: Object.fromEntries(nodes.flatMap((node) => (node ? [[node.id, node]] : []))),
    data: (volumes.Volumes ?? []).flatMap((volume) => volume.Labels?.[LABEL.node] ?? []).sort(),
  }
}

/** Every cluster of this user. On an engine of another machine uids of several people coincide, so the host must match too. */
export async function list(context: DockerContext): Promise<ListedByRuntime[]> {
  const { engine } = await context.connect()
  const mine = [`${LABEL.user}=${currentUser()}`, ...(isRemote(engine.endpoint) ? [`${LABEL.host}=${hostname()}`] : [])]
  const query = { filters: filters({ label: [LABEL.cluster, ...mine] }) }
  const [containers, networks, volumes] = await Promise.all([
    engine.get<ContainerSummary[]>('/containers/json', { query: { all: true, ...query } }),
    engine.get<NetworkDetails[]>('/networks', { query }),
    engine.get<{ Volumes?: VolumeDetails[] | null }>('/volumes', { query }),
  ])
  const clusters = new Map<string, ListedByRuntime & { nodes: ObservedNode[] }>()
  for (const thing of [...containers, ...networks, ...(volumes.Volumes ?? [])]) {
    const id = thing.Labels?.[LABEL.cluster]
    if (id === undefined) continue
    const stateDir = thing.Labels?.[LABEL.state]
    const cluster = clusters.get(id) ?? { id, name: thing.Labels?.[LABEL.name] ?? id, ...(stateDir ? { stateDir } : {}), nodes: [] }
    clusters.set(id, cluster)
    const node = 'State' in thing ? nodeOf(thing) : undefined
    if (node) cluster.nodes.push(node)
  }
  for (const cluster of clusters.values()) cluster.nodes.sort((a, b) => a.id.localeCompare(b.id))
  return [...clusters.values()].sort((a, b) => a.id.localeCompare(b.id))
}
