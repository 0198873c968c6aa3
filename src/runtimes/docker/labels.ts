// Names and labels: the only truth about what belongs to whom. Pure.
import { hostname } from 'node:os'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef } from '../../model/runtime.ts'

export const LABEL = {
  cluster: 'devcluster.cluster',
  name: 'devcluster.name',
  node: 'devcluster.node',
  service: 'devcluster.service',
  kind: 'devcluster.kind',
  fingerprint: 'devcluster.fingerprint',
  version: 'devcluster.version',
  user: 'devcluster.user',
  host: 'devcluster.host',
  /** Folder of the cluster's state: another home's clusters are not lost. */
  state: 'devcluster.state',
  /** JSON: host port by port name. */
  ports: 'devcluster.ports',
  ephemeral: 'devcluster.ephemeral',
  /** `pid:startedAt` of an ephemeral cluster's owner. */
  owner: 'devcluster.owner',
  /** Image as the file names it, and the digest that ran under that name. */
  image: 'devcluster.image',
  digest: 'devcluster.digest',
  /** On images that stand in for the official ones. */
  standIn: 'devcluster.standin',
} as const

export type Labels = Readonly<Record<string, string>>

export const containerName = (clusterId: string, nodeId: string): string => `devcluster-${clusterId}-${nodeId}`
export const networkName = (clusterId: string): string => `devcluster-${clusterId}`
export const volumeName = containerName

/** This user, as labelled: the uid, or `none` where there are no uids. */
export const currentUser = (): string => String(process.getuid?.() ?? 'none')

/** Filter value that finds everything of one cluster. */
export const ofCluster = (clusterId: string): string => `${LABEL.cluster}=${clusterId}`

/** Labels of every object of a cluster. */
export function clusterLabels(cluster: ClusterRef, version: string): Labels {
  return {
    [LABEL.cluster]: cluster.id,
    [LABEL.name]: cluster.name,
    [LABEL.version]: version,
    [LABEL.user]: currentUser(),
    [LABEL.host]: hostname(),
    [LABEL.state]: cluster.stateDir,
    [LABEL.ephemeral]: String(cluster.owner !== undefined),
    ...(cluster.owner ? { [LABEL.owner]: `${cluster.owner.pid}:${cluster.owner.startedAt}` } : {}),
  }
}

/** Host ports of a node by port name. */
export function hostPortsOf(node: Pick<NodeSpec, 'place'>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(node.place.ports).flatMap(([name, port]) => (port.host ? [[name, port.host.port]] : [])))
}

/** Labels of one node's container. */
export function nodeLabels(cluster: ClusterRef, node: NodeSpec, version: string): Labels {
  return {
    ...clusterLabels(cluster, version),
    [LABEL.node]: node.id,
    [LABEL.service]: node.service,
    [LABEL.kind]: node.kind,
    [LABEL.fingerprint]: node.fingerprint,
    [LABEL.ports]: JSON.stringify(hostPortsOf(node)),
  }
}

/** Host ports out of a label; empty when it is missing or not ours. */
export function parsePorts(label: string | undefined): Readonly<Record<string, number>> {
  if (label === undefined) return {}
  try {
    const value: unknown = JSON.parse(label)
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
  } catch {
    return {}
  }
}
