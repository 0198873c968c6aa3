// Processor time and memory of one running container, one sample.
import type { ClusterRef, NodeStats } from '../../model/runtime.ts'
import type { ContainerStats } from './api.ts'
import { type DockerContext, explain, nameOf } from './context.ts'

/**
 * Resident memory out of the engine's figures. Their `usage` counts the page cache too, so it is taken apart by the control group's own
 * counters: cgroup v1 `total_rss` + `total_mapped_file`, v2 `anon` + `file_mapped` (kernel docs, cgroup-v1/memory and cgroup-v2).
 */
export function residentBytes(memory: ContainerStats['memory_stats']): number {
  const stats = memory.stats ?? {}
  const own = stats['anon'] ?? stats['total_rss'] ?? stats['rss']
  if (own !== undefined) return own + (stats['file_mapped'] ?? stats['total_mapped_file'] ?? stats['mapped_file'] ?? 0)
  return Math.max(0, (memory.usage ?? 0) - (stats['inactive_file'] ?? stats['total_inactive_file'] ?? 0))
}

/** One sample. `one-shot` (API 1.41) spares the engine's second, older ones answer after it. */
export async function stats(context: DockerContext, cluster: ClusterRef, nodeId: string): Promise<NodeStats> {
  const { engine } = await context.connect()
  try {
    const sample = await engine.get<ContainerStats>(`/containers/${nameOf(cluster, nodeId)}/stats`, {
      query: { stream: false, 'one-shot': true },
    })
    return { node: nodeId, cpuSeconds: (sample.cpu_stats.cpu_usage?.total_usage ?? 0) / 1e9, rssBytes: residentBytes(sample.memory_stats) }
  } catch (error) {
    throw explain(error, nodeId, 'measure')
  }
}
