// What the parts of this runtime share: the connection, settings, and memory of what this process itself stopped. No logic of its own.
import { DevclusterError, isDevclusterError, messageOf } from '../../errors.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import type { ContainerDetails, ContainerSummary } from './api.ts'
import type { Connection } from './connect.ts'
import { type Engine, EngineError, filters, isStatus, orAbsent } from './engine.ts'
import { containerName, LABEL, ofCluster } from './labels.ts'
import type { Stops } from './stops.ts'
import type { OwnMachine } from './vantage.ts'

export interface DockerContext {
  connect(signal?: AbortSignal): Promise<Connection>
  /** devcluster's own version, for labels. */
  readonly version: string
  readonly machine: () => OwnMachine
  readonly stops: Stops
  /** Things this process makes once per cluster (network, watchdog), by key. */
  readonly once: Map<string, Promise<unknown>>
  /** True once the engine refused limits of the system: they are not asked for again. */
  limitsRefused: boolean
}

/** Runs `make` once per key; a failure is forgotten. */
export function onlyOnce<T>(memory: Map<string, Promise<unknown>>, key: string, make: () => Promise<T>): Promise<unknown> {
  const known = memory.get(key)
  if (known) return known
  const made = make()
  memory.set(key, made)
  made.catch(() => memory.delete(key))
  return made
}

/** All containers of a cluster, in any state. */
export function containersOf(engine: Engine, clusterId: string, more: readonly string[] = []): Promise<ContainerSummary[]> {
  return engine.get<ContainerSummary[]>('/containers/json', {
    query: { all: true, filters: filters({ label: [ofCluster(clusterId), ...more] }) },
  })
}

/** A node's container, or undefined. @throws START_FAILED when its name is used by something that is not ours. */
export async function inspectNode(engine: Engine, clusterId: string, nodeId: string): Promise<ContainerDetails | undefined> {
  const name = containerName(clusterId, nodeId)
  const found = await orAbsent(engine.get<ContainerDetails>(`/containers/${name}/json`))
  if (found && found.Config.Labels?.[LABEL.cluster] !== clusterId) {
    throw new DevclusterError(
      'START_FAILED',
      `${nodeId} needs the container name ${name}, which a container has that is not of this cluster`,
      {
        node: nodeId,
        hint: `rename or remove it: \`docker rm -f ${name}\``,
      },
    )
  }
  return found
}

/** The error for a node whose container is not there. */
export function nodeNotFound(nodeId: string): DevclusterError {
  return new DevclusterError('NODE_NOT_FOUND', `${nodeId} has no container`, { node: nodeId, hint: 'start it with `devcluster up`' })
}

/** Says what the engine refused to do to a node in this package's terms; aborts and our own errors pass unchanged. */
export function explain(error: unknown, node: string, verb: string): unknown {
  if (isDevclusterError(error) || !(error instanceof EngineError)) return error
  if (/no space left on device/i.test(error.message)) return diskFull(node, error)
  if (isStatus(error, 404) && /no such container/i.test(error.message)) return nodeNotFound(node)
  if (isStatus(error, 409) && /is not running/i.test(error.message)) {
    return new DevclusterError('NODE_EXITED', `${node} does not run, so it cannot be asked to ${verb}`, {
      node,
      hint: `start it with \`devcluster up\`, or see \`devcluster logs ${node}\``,
      cause: error,
    })
  }
  return new DevclusterError('START_FAILED', `the container engine could not ${verb} ${node}: ${messageOf(error)}`, {
    node,
    hint: `see \`devcluster logs ${node}\` and the engine's own log`,
    cause: error,
  })
}

/** DISK_FULL, on the engine's side. */
export function diskFull(what: string, cause: unknown): DevclusterError {
  return new DevclusterError('DISK_FULL', `the container engine's disk is full (${what}): ${messageOf(cause)}`, {
    hint: 'free space with `docker system prune` or `devcluster gc`, then repeat',
    cause,
  })
}

/** Container name of a node, for paths of the API. */
export const nameOf = (cluster: ClusterRef, node: Pick<NodeSpec, 'id'> | string): string =>
  containerName(cluster.id, typeof node === 'string' ? node : node.id)
