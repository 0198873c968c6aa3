// Ends, freezes, thaws and removes single containers. Content with what is already so; returns when the engine has proven it.
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef, StopHow } from '../../model/runtime.ts'
import { delay } from '../../util/async.ts'
import { type DockerContext, explain, inspectNode, nodeNotFound } from './context.ts'
import { type Engine, isStatus, orAbsent } from './engine.ts'
import { volumeName } from './labels.ts'

const REMOVE_TRIES = 100
const REMOVE_STEP_MS = 50

/** How: `signal` then, after `graceMs`, SIGKILL; or SIGKILL at once. */
export type Ending = 'kill' | { readonly signal: string; readonly graceMs: number }

/** Sends a signal; false when nothing runs there any more. */
async function signalContainer(engine: Engine, id: string, signal: string): Promise<boolean> {
  try {
    await engine.post(`/containers/${id}/kill`, { query: { signal } })
    return true
  } catch (error) {
    if (isStatus(error, 404)) return false
    if (!isStatus(error, 409, 500)) throw error
    // 409 means "not running", or "paused" with some engines and signals.
    const state = await orAbsent(engine.get<{ State: { Running: boolean; Paused: boolean } }>(`/containers/${id}/json`))
    if (!state?.State.Running) return false
    if (!state.State.Paused) throw error
    await thawIfFrozen(engine, id)
    return signalContainer(engine, id, signal)
  }
}

/** A frozen process takes no signal, not even SIGKILL, before it is thawed (cgroup freezer). */
async function thawIfFrozen(engine: Engine, id: string): Promise<void> {
  try {
    await engine.post(`/containers/${id}/unpause`)
  } catch (error) {
    if (!isStatus(error, 404, 409, 500)) throw error
  }
}

/** Waits until the container does not run; false when `withinMs` passed first. */
async function waitEnded(engine: Engine, id: string, withinMs: number | undefined): Promise<boolean> {
  const limit = withinMs === undefined ? undefined : AbortSignal.timeout(withinMs)
  try {
    await orAbsent(engine.post(`/containers/${id}/wait`, { query: { condition: 'not-running' }, signal: limit }))
    return true
  } catch (error) {
    if (limit?.aborted) return false
    throw error
  }
}

/** Ends one container and waits for its death. */
export async function stopContainer(context: DockerContext, cluster: ClusterRef, nodeId: string, id: string, how: Ending): Promise<void> {
  const { engine } = await context.connect()
  await context.stops.expect(cluster, nodeId, id)
  if (how !== 'kill') {
    if (!(await signalContainer(engine, id, how.signal))) return
    await thawIfFrozen(engine, id)
    if (await waitEnded(engine, id, how.graceMs)) return
  }
  if (!(await signalContainer(engine, id, 'SIGKILL'))) return
  await thawIfFrozen(engine, id)
  await waitEnded(engine, id, undefined)
}

/** Stops a node if it runs. */
export async function stop(context: DockerContext, cluster: ClusterRef, node: NodeSpec, how: StopHow): Promise<void> {
  const { engine } = await context.connect()
  const container = await inspectNode(engine, cluster.id, node.id)
  if (!container?.State.Running) return
  try {
    await stopContainer(
      context,
      cluster,
      node.id,
      container.Id,
      how.style === 'kill' ? 'kill' : { signal: node.stop.signal, graceMs: how.graceMs },
    )
  } catch (error) {
    throw explain(error, node.id, 'stop')
  }
}

/** Removes a container in any state with its anonymous volumes, and waits for a removal that is under way elsewhere. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await orAbsent(engine.delete(`/containers/${id}`, { query: { force: true, v: true } }))
      return
    } catch (error) {
      const busy =
        isStatus(error, 409) || (isStatus(error, 500) && /device or resource busy|unable to remove filesystem/i.test(String(error)))
      if (!busy || attempt >= REMOVE_TRIES) throw error
    }
    await delay(REMOVE_STEP_MS)
  }
}

/** Removes a named volume; one that its container still lets go of is tried again. */
export async function removeVolume(engine: Engine, name: string): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      await engine.delete(`/volumes/${name}`)
      return true
    } catch (error) {
      if (isStatus(error, 404)) return false
      if (!isStatus(error, 409) || attempt >= REMOVE_TRIES) throw error
    }
    await delay(REMOVE_STEP_MS)
  }
}

/** Removes a node's container, and its volume unless the data is kept. */
export async function remove(context: DockerContext, cluster: ClusterRef, nodeId: string, options: { keepData: boolean }): Promise<void> {
  const { engine } = await context.connect()
  try {
    const container = await inspectNode(engine, cluster.id, nodeId)
    if (container) {
      await context.stops.expect(cluster, nodeId, container.Id)
      await removeContainer(engine, container.Id)
      await context.stops.clear(cluster, nodeId, container.Id)
    }
    if (!options.keepData) await removeVolume(engine, volumeName(cluster.id, nodeId))
  } catch (error) {
    throw explain(error, nodeId, 'remove')
  }
}

/** Pauses or resumes a node: its processes stand still, its connections stay open. */
export async function setFrozen(context: DockerContext, cluster: ClusterRef, nodeId: string, frozen: boolean): Promise<void> {
  const { engine } = await context.connect()
  const container = await inspectNode(engine, cluster.id, nodeId)
  if (!container) throw nodeNotFound(nodeId)
  if (container.State.Paused === frozen && (container.State.Running || !frozen)) return
  try {
    await engine.post(`/containers/${container.Id}/${frozen ? 'pause' : 'unpause'}`)
  } catch (error) {
    throw explain(error, nodeId, frozen ? 'pause' : 'resume')
  }
}
