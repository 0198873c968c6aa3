// Stops nodes in their order, and undoes what a failed up created. Never touches what was there before.
import type { NodeSpec } from '../model/node.ts'
import type { ClusterRef, Observed, Runtime, StopHow } from '../model/runtime.ts'
import type { Emit } from './emit.ts'

/** Groups of nodes with the same stop rank, lowest first. */
export function stopGroups(nodes: readonly NodeSpec[]): NodeSpec[][] {
  const ranks = [...new Set(nodes.map((node) => node.shape.stopRank))].sort((a, b) => a - b)
  return ranks.map((rank) => nodes.filter((node) => node.shape.stopRank === rank))
}

/** Clean stop: rank by rank (brokers before controllers), each rank in parallel. */
export async function stopNodes(runtime: Runtime, ref: ClusterRef, nodes: readonly NodeSpec[], emit: Emit): Promise<void> {
  for (const group of stopGroups(nodes)) {
    await Promise.all(group.map((node) => stopNode(runtime, ref, node, { style: 'graceful', emit })))
  }
}

/** One node, and the news of it. */
export async function stopNode(
  runtime: Runtime,
  ref: ClusterRef,
  node: NodeSpec,
  { style, emit }: { style: StopHow['style']; emit: Emit },
): Promise<void> {
  if (style === 'graceful') emit({ type: 'node', node: node.id, state: 'stopping' })
  await runtime.stop(ref, node, { style, graceMs: node.stop.graceMs })
  emit({ type: 'node', node: node.id, state: 'stopped', ...(style === 'kill' ? { because: 'killed' } : {}) })
}

/** What existed before an up, to know what it created. */
export interface Before {
  readonly nodes: ReadonlySet<string>
  readonly data: ReadonlySet<string>
}

export function snapshot(observed: Observed): Before {
  return { nodes: new Set(Object.keys(observed.nodes)), data: new Set(observed.data) }
}

/** Removes nodes and data that were not there before; everything, network and folders included, when nothing was. */
export async function undo(
  runtime: Runtime,
  ref: ClusterRef,
  nodes: readonly NodeSpec[],
  before: Before,
  emit: Emit,
): Promise<{ removed: readonly string[] }> {
  if (before.nodes.size === 0 && before.data.size === 0) return runtime.destroy(ref, { keepData: false })
  const created = nodes.filter((node) => !before.nodes.has(node.id))
  const removed: string[] = []
  for (const group of stopGroups(created)) {
    await Promise.all(
      group.map(async (node) => {
        await runtime.remove(ref, node.id, { keepData: before.data.has(node.id) })
        emit({ type: 'node', node: node.id, state: 'removed', because: 'this up created it and failed' })
        removed.push(node.id)
      }),
    )
  }
  return { removed }
}
