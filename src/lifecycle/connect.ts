// Finds clusters that exist: by id, by file, by state file; lists them all. Rebuilds what the state lost as far as what runs tells it.
import { resolve } from 'node:path'
import { findClusterFile } from '../config/find.ts'
import { readStored, readStoredFile, type StoredCluster, storedIds } from '../engine/state.ts'
import { DevclusterError } from '../errors.ts'
import type { Reporter } from '../model/event.ts'
import type { ObservedNode, Runtime } from '../model/runtime.ts'
import { isAlive } from '../util/process-identity.ts'
import { Cluster } from './handle.ts'
import { idOfFile } from './identify.ts'
import type { LoadOptions, RuntimeFactories } from './options.ts'
import { definitionsOf, runtimeFactories } from './source.ts'

/** Which cluster: by id, by the path of its `cluster.json`, by a cluster file; nothing: the file upwards from `cwd`. */
export interface ClusterTarget {
  readonly id?: string
  readonly state?: string
  readonly file?: string
  readonly cwd?: string
}

/** One cluster of this machine. */
export interface ListedCluster {
  readonly id: string
  readonly name: string
  readonly runtime: string
  /** `running` (all nodes), `partly` (some), `stopped`, `lost state` (nodes but no state file). */
  readonly state: 'running' | 'partly' | 'stopped' | 'lost state'
  readonly nodes: number
  readonly running: number
  readonly persistent: boolean
  /** False when an ephemeral cluster's owner is gone. */
  readonly ownerAlive: boolean
  readonly dir?: string
  readonly createdAt?: number
}

/** The id a target means, whether or not such a cluster exists. */
export async function resolveId(target: ClusterTarget): Promise<string> {
  if (target.id) return target.id
  if (target.state) {
    const stored = await readStoredFile(target.state)
    if (!stored) throw new DevclusterError('CLUSTER_NOT_FOUND', `${target.state} is not the state file of a cluster`)
    return stored.id
  }
  const cwd = target.cwd ?? process.cwd()
  return idOfFile(target.file ? resolve(cwd, target.file) : findClusterFile(cwd))
}

/** @throws CLUSTER_NOT_FOUND */
export async function storedOf(target: ClusterTarget): Promise<StoredCluster> {
  const id = await resolveId(target)
  const stored = target.state ? await readStoredFile(target.state) : await readStored(id)
  if (stored) return stored
  throw new DevclusterError('CLUSTER_NOT_FOUND', `no cluster ${id} here`, {
    hint: 'devcluster up starts it; devcluster ps lists what exists',
  })
}

export async function runtimeNamed(name: string, factories: RuntimeFactories): Promise<Runtime> {
  return name === 'docker' ? factories.docker() : factories.process()
}

/** Attaches to a cluster that exists, without its file. @throws CLUSTER_NOT_FOUND */
export async function connect(target: ClusterTarget, options: LoadOptions & { onEvent?: Reporter | undefined } = {}): Promise<Cluster> {
  const stored = await storedOf(target)
  const definitions = new Map(definitionsOf(options).map((definition) => [definition.kind, definition]))
  return new Cluster({
    stored,
    definitions,
    runtime: await runtimeNamed(stored.runtime, runtimeFactories(options)),
    onEvent: options.onEvent,
  })
}

/** Runtimes that answer; an engine that does not is no error here. */
export async function usableRuntimes(factories: RuntimeFactories): Promise<Runtime[]> {
  const results = await Promise.all(
    [factories.process, factories.docker].map(async (make) => {
      try {
        const runtime = await make()
        await runtime.check(AbortSignal.timeout(2_000))
        return runtime
      } catch {
        return undefined
      }
    }),
  )
  return results.flatMap((runtime) => runtime ?? [])
}

/** Every cluster of this user on this machine. */
export async function list(options: LoadOptions = {}): Promise<ListedCluster[]> {
  const found = new Map<string, { runtime: string; name: string; nodes: readonly ObservedNode[] }>()
  for (const runtime of await usableRuntimes(runtimeFactories(options))) {
    for (const cluster of await runtime.list()) found.set(cluster.id, { runtime: runtime.name, name: cluster.name, nodes: cluster.nodes })
  }
  const ids = new Set([...found.keys(), ...(await storedIds())])
  const result: ListedCluster[] = []
  for (const id of [...ids].sort()) {
    const stored = await readStored(id)
    const seen = found.get(id)
    if (!stored && !seen) continue
    const running = seen?.nodes.filter((node) => node.state !== 'stopped').length ?? 0
    const nodes = stored?.nodes.length ?? seen?.nodes.length ?? 0
    const owner = stored?.owner
    result.push({
      id,
      name: stored?.name ?? seen?.name ?? id,
      runtime: stored?.runtime ?? seen?.runtime ?? 'unknown',
      state: !stored ? 'lost state' : running === 0 ? 'stopped' : running < nodes ? 'partly' : 'running',
      nodes,
      running,
      persistent: stored ? owner === undefined : true,
      ownerAlive: owner === undefined || isAlive(owner.pid, owner.startedAt),
      ...(stored?.spec.dir ? { dir: stored.spec.dir } : {}),
      ...(stored ? { createdAt: stored.createdAt } : {}),
    })
  }
  return result
}
