// Removes everything that carries a cluster's id, found by label alone: containers, network, volumes, then the watchdog. Needs no state.
import { rm } from 'node:fs/promises'
import type { ClusterRef } from '../../model/runtime.ts'
import { mapLimit } from '../../util/async.ts'
import type { ContainerSummary, NetworkDetails, VolumeDetails } from './api.ts'
import { containersOf, type DockerContext } from './context.ts'
import { type Engine, filters } from './engine.ts'
import { LABEL, ofCluster } from './labels.ts'
import { removeNetwork } from './network.ts'
import { removeContainer, removeVolume } from './stop.ts'
import { runtimeDir } from './stops.ts'
import { endWatchdog } from './watchdog.ts'

const AT_ONCE = 16
/** A creation that was under way when its client died may complete after the first look. */
const ROUNDS = 5

const label = (container: ContainerSummary) => container.Labels?.[LABEL.node] ?? container.Id.slice(0, 12)

/** One look and what it found, removed; names of what went. */
async function sweep(engine: Engine, clusterId: string, keepData: boolean): Promise<string[]> {
  const query = { filters: filters({ label: [ofCluster(clusterId)] }) }
  const [containers, networks, volumes] = await Promise.all([
    containersOf(engine, clusterId),
    engine.get<NetworkDetails[]>('/networks', { query }),
    keepData ? { Volumes: [] } : engine.get<{ Volumes?: VolumeDetails[] | null }>('/volumes', { query }),
  ])
  await mapLimit(containers, AT_ONCE, (container) => removeContainer(engine, container.Id))
  const [, gone] = await Promise.all([
    mapLimit(networks, AT_ONCE, (network) => removeNetwork(engine, network.Id)),
    mapLimit(volumes.Volumes ?? [], AT_ONCE, async (volume) =>
      (await removeVolume(engine, volume.Name)) ? [`volume ${volume.Name}`] : [],
    ),
  ])
  return [
    ...containers.map((container) => `container ${label(container)}`),
    ...networks.map((network) => `network ${network.Name}`),
    ...gone.flat(),
  ]
}

/** Removes all objects of a cluster from an engine. Looks again until nothing is found. */
export async function destroyObjects(engine: Engine, clusterId: string, keepData: boolean): Promise<string[]> {
  const removed: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const found = await sweep(engine, clusterId, keepData)
    if (found.length === 0) break
    removed.push(...found)
  }
  return removed
}

/** The runtime's `destroy`: objects on the engine, then the owner's watchdog and this runtime's own files. */
export async function destroy(
  context: DockerContext,
  cluster: ClusterRef,
  options: { keepData: boolean },
): Promise<{ removed: readonly string[] }> {
  const { engine } = await context.connect()
  // Their ends are wanted: whoever listens must not take them for failures.
  const containers = await containersOf(engine, cluster.id)
  await Promise.all(containers.map((container) => context.stops.expect(cluster, label(container), container.Id)))
  for (const key of context.once.keys()) if (key.endsWith(` ${cluster.id}`)) context.once.delete(key)
  const removed = await destroyObjects(engine, cluster.id, options.keepData)
  await endWatchdog(cluster)
  await rm(runtimeDir(cluster), { recursive: true, force: true }).catch(() => undefined)
  return { removed }
}
