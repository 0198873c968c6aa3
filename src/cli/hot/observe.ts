// Which nodes of a stored cluster run, by the cheapest honest look: pid and start time of processes, one list of containers. Built-ins only.

import type { ClusterSummary } from '../../engine/summary.ts'
import type { ObservedNode } from '../../model/runtime.ts'
import { glance } from '../../runtimes/docker/glance.ts'
import { nodeFiles } from '../../runtimes/process/layout.ts'
import { readRecord } from '../../runtimes/process/record.ts'
import { clusterStateDir } from '../../util/paths.ts'
import { isAlive } from '../../util/process-identity.ts'

export interface Seen {
  readonly handle: string
  readonly fingerprint: string
  readonly standIn: boolean
}

/** Node id -> what runs; a node that does not run, or is paused, is not in it. */
export async function observeRunning(stored: ClusterSummary): Promise<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>()
  if (stored.runtime === 'docker') {
    for (const node of await containers(stored)) if (node.state === 'running') seen.set(node.id, node)
    return seen
  }
  const stateDir = clusterStateDir(stored.id)
  for (const node of stored.nodes) {
    const record = readRecord(nodeFiles(stateDir, node.id).record)
    if (record?.pid === undefined || record.startedAt === undefined || !isAlive(record.pid, record.startedAt)) continue
    seen.set(node.id, { handle: `pid ${record.pid}`, fingerprint: record.fingerprint, standIn: false })
  }
  return seen
}

/** By one look at a local engine; by the runtime, which knows every way to every engine, where that is not to be had. */
async function containers(stored: ClusterSummary): Promise<readonly ObservedNode[]> {
  try {
    return await glance(stored.id)
  } catch {
    const { createDockerRuntime } = await import('../../runtimes/docker/index.ts')
    const ref = { id: stored.id, name: stored.name, stateDir: clusterStateDir(stored.id), bind: '127.0.0.1', mirrors: {} }
    return Object.values((await createDockerRuntime().observe(ref)).nodes)
  }
}
