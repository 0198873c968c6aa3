// Finds clusters that exist: by id, by file, by state file. Rebuilds what the state lost as far as what runs tells it.
import { resolve } from 'node:path'
import { findClusterFile } from '../config/find.ts'
import { readStored, readStoredFile, type StoredCluster } from '../engine/state.ts'
import { DevclusterError } from '../errors.ts'
import type { Reporter } from '../model/event.ts'
import { Cluster } from './handle.ts'
import { idOfFile } from './identify.ts'
import type { LoadOptions } from './options.ts'
import { runtimeFactories, runtimeNamed } from './runtimes.ts'
import { definitionsOf } from './source.ts'

/** Which cluster: by id, by the path of its `cluster.json`, by a cluster file; nothing: the file upwards from `cwd`. */
export interface ClusterTarget {
  readonly id?: string
  readonly state?: string
  readonly file?: string
  readonly cwd?: string
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
