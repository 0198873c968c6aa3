// Every cluster of this user on this machine: what runs, joined with what is remembered. Loads no service and no file reader: `ps` is a hot path.
import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readSummary, storedIds } from '../engine/look.ts'
import type { ListedByRuntime } from '../model/runtime.ts'
import { stateHome } from '../util/paths.ts'
import { isAlive } from '../util/process-identity.ts'
import type { LoadOptions } from './options.ts'
import { runtimeFactories, usableRuntimes } from './runtimes.ts'

/** One cluster of this machine. */
export interface ListedCluster {
  readonly id: string
  readonly name: string
  readonly runtime: string
  /** `running` (all nodes), `partly` (some), `stopped`, `lost state` (nodes but no state file), `elsewhere` (its state is in `home`). */
  readonly state: 'running' | 'partly' | 'stopped' | 'lost state' | 'elsewhere'
  /** Another DEVCLUSTER_HOME whose cluster this is. */
  readonly home?: string
  readonly nodes: number
  readonly running: number
  readonly persistent: boolean
  /** False when an ephemeral cluster's owner is gone. */
  readonly ownerAlive: boolean
  readonly dir?: string
  readonly createdAt?: number
}

/** Every cluster of this user on this machine. */
export async function list(options: LoadOptions = {}): Promise<ListedCluster[]> {
  const found = new Map<string, ListedByRuntime & { runtime: string }>()
  for (const runtime of await usableRuntimes(runtimeFactories(options))) {
    for (const cluster of await runtime.list()) found.set(cluster.id, { ...cluster, runtime: runtime.name })
  }
  const ids = new Set([...found.keys(), ...storedIds()])
  const result: ListedCluster[] = []
  for (const id of [...ids].sort()) {
    const stored = await readSummary(id)
    const seen = found.get(id)
    if (!stored && !seen) continue
    const running = seen?.nodes.filter((node) => node.state !== 'stopped').length ?? 0
    const nodes = stored?.nodes.length ?? seen?.nodes.length ?? 0
    const owner = stored?.owner
    const home = stored ? undefined : otherHome(seen?.stateDir)
    result.push({
      id,
      name: stored?.name ?? seen?.name ?? id,
      runtime: stored?.runtime ?? seen?.runtime ?? 'unknown',
      state: home !== undefined ? 'elsewhere' : !stored ? 'lost state' : running === 0 ? 'stopped' : running < nodes ? 'partly' : 'running',
      nodes,
      running,
      persistent: stored ? owner === undefined : true,
      ownerAlive: owner === undefined || isAlive(owner.pid, owner.startedAt),
      ...(home === undefined ? {} : { home }),
      ...(stored?.dir ? { dir: stored.dir } : {}),
      ...(stored ? { createdAt: stored.createdAt } : {}),
    })
  }
  return result
}

/** The home of a state folder `<home>/clusters/<id>`, when it is not ours. */
function otherHome(stateDir: string | undefined): string | undefined {
  if (stateDir === undefined) return undefined
  const home = dirname(dirname(stateDir))
  return realpathOf(home) === realpathOf(stateHome()) ? undefined : home
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
