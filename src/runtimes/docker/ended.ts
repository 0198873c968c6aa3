// How a node's container ended: the engine's numbers, whether devcluster wanted it, and what only the kernel knows. Changes nothing.
import type { ClusterRef, NodeExit } from '../../model/runtime.ts'
import type { ContainerDetails } from './api.ts'
import type { DockerContext } from './context.ts'
import { exitOf } from './exit-state.ts'
import { wereOomKills } from './oom-kills.ts'

/** Exit of an ended container; undefined while it runs or when it never ran. */
export async function exitFrom(
  context: DockerContext,
  cluster: ClusterRef,
  nodeId: string,
  container: ContainerDetails,
): Promise<NodeExit | undefined> {
  const exit = exitOf(nodeId, container, await context.stops.isExpected(cluster, nodeId, container.Id))
  const mayBeForMemory = exit?.signal === 'SIGKILL' && !exit.expected && (container.HostConfig?.Memory ?? 0) > 0
  if (!mayBeForMemory || exit.outOfMemory) return exit
  return { ...exit, outOfMemory: await wereOomKills(cluster, nodeId, container.Id) }
}
