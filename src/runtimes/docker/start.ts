// Makes one node run: network, volume, container, files, start. Idempotent at every step, so that a run cut off anywhere is completed by
// the next. Requests that create something are not aborted half way; the signal counts between them. Pulls nothing.
import { DevclusterError, messageOf } from '../../errors.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import type { ContainerDetails, ImageDetails } from './api.ts'
import { containerLaunch, createBody } from './body.ts'
import type { Connection } from './connect.ts'
import { type DockerContext, diskFull, explain, inspectNode, nameOf, onlyOnce } from './context.ts'
import { isStatus, orAbsent } from './engine.ts'
import { putFiles } from './files.ts'
import { clusterLabels, LABEL, nodeLabels, volumeName } from './labels.ts'
import { isLimitRefusal, type Limits, limitsFor, limitsOutOfReach } from './limits.ts'
import { demandNames, ensureNetwork } from './network.ts'
import { noteOomKills } from './oom-kills.ts'
import { portInRefusal, portTaken } from './port-conflict.ts'
import { referenceInUse } from './reference.ts'
import { removeContainer, stopContainer } from './stop.ts'
import { bindAddress, findVantage, type Vantage } from './vantage.ts'
import { ensureWatchdog } from './watchdog.ts'

const ATTEMPTS = 3

interface Starting {
  readonly context: DockerContext
  readonly connection: Connection
  readonly cluster: ClusterRef
  readonly node: NodeSpec
  readonly vantage: Vantage
  readonly limits: Limits
}

const networkKey = (cluster: ClusterRef) => `network ${cluster.id}`

function network({ context, connection, cluster }: Starting): Promise<unknown> {
  const { engine, podman } = connection
  return onlyOnce(context.once, networkKey(cluster), async () => {
    await ensureNetwork(engine, cluster.id, clusterLabels(cluster, context.version))
    if (podman !== undefined) await demandNames(engine, cluster.id)
  })
}

/** The digest an image was pulled by, else its id (an image that was loaded or built has no digest of a registry). */
function digestOf(image: ImageDetails, reference: string): string {
  const repository = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  const digests = image.RepoDigests ?? []
  return (digests.find((one) => one.startsWith(`${repository}@`)) ?? digests[0])?.split('@')[1] ?? image.Id
}

async function create(starting: Starting): Promise<string> {
  const { context, connection, cluster, node, vantage } = starting
  const { engine, podman } = connection
  const image = containerLaunch(node).image
  const reference = referenceInUse(image, cluster.mirrors)
  const facts = await orAbsent(engine.get<ImageDetails>(`/images/${reference}/json`))
  if (!facts) {
    throw new DevclusterError('FETCH_FAILED', `the image ${reference} of ${node.id} is not on the container engine`, {
      node: node.id,
      hint: 'fetch it with `devcluster pull`',
    })
  }
  if (node.shape.containerData !== undefined) {
    await engine.post('/volumes/create', {
      json: {
        Name: volumeName(cluster.id, node.id),
        Labels: { ...clusterLabels(cluster, context.version), [LABEL.node]: node.id, [LABEL.service]: node.service },
      },
    })
  }
  // Podman resolves the network when it creates, Docker when it starts: there both are made at the same time.
  if (podman !== undefined) await network(starting)
  const labels = { ...nodeLabels(cluster, node, context.version), [LABEL.image]: image, [LABEL.digest]: digestOf(facts, reference) }
  const body = createBody(node, {
    clusterId: cluster.id,
    image: reference,
    bind: bindAddress(vantage, cluster.bind),
    labels,
    podman: podman !== undefined,
    limits: starting.limits,
  })
  const created = await engine.post<{ Id: string }>('/containers/create', { query: { name: nameOf(cluster, node) }, json: body })
  if (!created) throw new DevclusterError('START_FAILED', `the container engine named no container for ${node.id}`, { node: node.id })
  await putFiles(engine, created.Id, node)
  return created.Id
}

/** Brings an existing container of the same fingerprint to life; false when it cannot be and must be made anew. */
async function revive(starting: Starting, existing: ContainerDetails): Promise<boolean> {
  const { context, connection, cluster, node } = starting
  const { engine } = connection
  if (existing.State.Paused) {
    await engine.post(`/containers/${existing.Id}/unpause`)
    return true
  }
  if (existing.State.Running) return true
  if (existing.State.Status === 'removing' || existing.State.Status === 'dead') return false
  // A run that ended between creation and files leaves a container that never started: its files are put again.
  if (existing.State.Status === 'created') await putFiles(engine, existing.Id, node)
  await network(starting)
  await context.stops.clear(cluster, node.id, existing.Id)
  try {
    await run(starting, existing.Id)
    return true
  } catch (error) {
    // The network it was attached to was removed by hand; its data is in the volume.
    if (isStatus(error, 404, 500) && /network/i.test(messageOf(error)) && /not found/i.test(messageOf(error))) {
      context.once.delete(networkKey(cluster))
      return false
    }
    throw error
  }
}

async function run({ connection, node, vantage, cluster }: Starting, containerId: string): Promise<void> {
  if (node.resources.memoryBytes !== undefined) await noteOomKills(connection.engine.endpoint, cluster, node.id, containerId)
  try {
    await connection.engine.post(`/containers/${containerId}/start`)
  } catch (error) {
    if (isStatus(error, 304)) return
    const port = portInRefusal(messageOf(error))
    if (port === undefined) throw error
    const name = Object.entries(node.place.ports).find(([, place]) => place.host?.port === port)?.[0] ?? 'port'
    throw await portTaken(connection, {
      node: node.id,
      name,
      port,
      bind: bindAddress(vantage, cluster.bind),
      local: vantage.from === 'local',
    })
  }
}

async function attempt(starting: Starting, signal: AbortSignal): Promise<boolean> {
  const { connection, cluster, node, context } = starting
  const { engine } = connection
  const existing = await inspectNode(engine, cluster.id, node.id)
  signal.throwIfAborted()
  if (existing) {
    if (existing.Config.Labels?.[LABEL.fingerprint] === node.fingerprint && (await revive(starting, existing))) return true
    if (existing.State.Running)
      await stopContainer(context, cluster, node.id, existing.Id, { signal: node.stop.signal, graceMs: node.stop.graceMs })
    await removeContainer(engine, existing.Id)
  }
  signal.throwIfAborted()
  try {
    const made = create(starting)
    // Both are waited for even when one fails: nothing may still be in the making when this start has ended.
    await Promise.allSettled([made, network(starting)])
    const id = await made
    await network(starting)
    signal.throwIfAborted()
    await run(starting, id)
    return true
  } catch (error) {
    if (isLimitRefusal(messageOf(error)) && connection.podman !== undefined) throw limitsOutOfReach(node.id, error)
    if (isLimitRefusal(messageOf(error)) && !context.limitsRefused) {
      context.limitsRefused = true
      const refused = await inspectNode(engine, cluster.id, node.id)
      if (refused) await removeContainer(engine, refused.Id)
      return false
    }
    // The name was taken meanwhile (another start of the same node), or the network vanished: look again.
    if (isStatus(error, 409)) return false
    if (isStatus(error, 404) && /network/i.test(messageOf(error))) {
      context.once.delete(networkKey(cluster))
      return false
    }
    throw error
  }
}

/**
 * Runs a node.
 * @throws PORT_TAKEN naming the holder, START_FAILED with the engine's words, DISK_FULL, FETCH_FAILED when the image is missing.
 */
export async function start(context: DockerContext, cluster: ClusterRef, node: NodeSpec, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted()
    const connection = await context.connect(signal)
    // Before anything exists: an owner killed in the next instant must not leave something behind.
    if (cluster.owner) await onlyOnce(context.once, `watchdog ${cluster.id}`, () => ensureWatchdog(cluster, connection.engine.endpoint))
    const vantage = await findVantage(connection, context.machine())
    for (let round = 0; round < ATTEMPTS; round++) {
      signal.throwIfAborted()
      const limits = context.limitsRefused ? {} : await limitsFor(connection)
      if (await attempt({ context, connection, cluster, node, vantage, limits }, signal)) return
    }
    throw new DevclusterError('START_FAILED', `${node.id} could not be started: its container or network keeps changing under us`, {
      node: node.id,
      hint: 'is another devcluster, or a clean-up job, working on the same cluster? repeat `devcluster up`',
    })
  } catch (error) {
    if (/no space left on device/i.test(messageOf(error)) && !(error instanceof DevclusterError)) throw diskFull(node.id, error)
    throw explain(error, node.id, 'start')
  }
}
