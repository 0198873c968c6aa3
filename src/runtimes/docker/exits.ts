// The ends of nodes as they happen, from the engine's events; after a broken connection what was missed is found by looking. Judges nothing.
import type { ClusterRef, NodeExit } from '../../model/runtime.ts'
import { delay } from '../../util/async.ts'
import type { ContainerDetails, EngineEvent } from './api.ts'
import { containersOf, type DockerContext } from './context.ts'
import { LineCutter } from './demux.ts'
import { exitFrom } from './ended.ts'
import { isRemote } from './endpoint.ts'
import { type Engine, filters, orAbsent } from './engine.ts'
import { signalOf } from './exit-state.ts'
import { LABEL, ofCluster } from './labels.ts'

const RECONNECT_MS = [50, 100, 200, 500, 1_000] as const

/** An exit as an event tells it; memory and exact time come from the container, if it still exists. */
function fromEvent(event: EngineEvent, node: string, expected: boolean): NodeExit {
  const code = Number(event.Actor?.Attributes?.['exitCode'] ?? Number.NaN)
  const at = event.timeNano === undefined ? (event.time ?? Date.now() / 1000) * 1000 : event.timeNano / 1e6
  return {
    node,
    at: Math.round(at),
    code: Number.isFinite(code) ? code : null,
    signal: Number.isFinite(code) ? signalOf(code) : null,
    outOfMemory: false,
    expected,
  }
}

/** A queue between the reader of events and the consumer. */
class Mailbox<T> {
  readonly #items: T[] = []
  #wake: (() => void) | undefined

  put(item: T): void {
    this.#items.push(item)
    this.#wake?.()
  }

  wake(): void {
    this.#wake?.()
  }

  /** The next item; undefined when woken without one. */
  async take(): Promise<T | undefined> {
    if (this.#items.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = undefined
    return this.#items.shift()
  }
}

interface Watch {
  readonly context: DockerContext
  readonly cluster: ClusterRef
  readonly signal: AbortSignal
  readonly report: (containerId: string, exit: NodeExit) => void
}

async function describe(
  { context, cluster }: Watch,
  engine: Engine,
  node: string,
  containerId: string,
  event?: EngineEvent,
): Promise<NodeExit | undefined> {
  const details = await orAbsent(engine.get<ContainerDetails>(`/containers/${containerId}/json`)).catch(() => undefined)
  const exit = details && (await exitFrom(context, cluster, node, details))
  return exit ?? (event && fromEvent(event, node, await context.stops.isExpected(cluster, node, containerId)))
}

/** Reads events until the connection ends. */
async function readEvents(watch: Watch, since: string | undefined, connected: () => void): Promise<void> {
  const { context, cluster, signal } = watch
  const { engine } = await context.connect(signal)
  const body = await engine.stream('GET', '/events', {
    // Podman tells a `die`, as Docker does, but knew it as `died` alone when asked for it, before 4.4.
    query: { since, filters: filters({ type: ['container'], event: ['die', 'died'], label: [ofCluster(cluster.id)] }) },
    signal,
  })
  connected()
  const lines = new LineCutter()
  for await (const chunk of body) {
    for (const line of Buffer.isBuffer(chunk) ? lines.push(chunk) : []) {
      if (line.trim() === '') continue
      const event: EngineEvent = JSON.parse(line)
      const [id, node] = [event.Actor?.ID, event.Actor?.Attributes?.[LABEL.node]]
      if (id === undefined || node === undefined) continue
      const exit = await describe(watch, engine, node, id, event)
      if (exit) watch.report(id, exit)
    }
  }
}

/** Reports nodes that ended while nobody listened: a restarted engine forgets its events. */
async function lookForEnded(watch: Watch, sinceMs: number): Promise<void> {
  const { engine } = await watch.context.connect(watch.signal)
  for (const container of await containersOf(engine, watch.cluster.id)) {
    const node = container.Labels?.[LABEL.node]
    if (node === undefined || container.State !== 'exited') continue
    const exit = await describe(watch, engine, node, container.Id)
    if (exit && exit.at >= sinceMs) watch.report(container.Id, exit)
  }
}

async function watchForever(watch: Watch, startedMs: number): Promise<void> {
  let lost = 0
  for (let first = true; !watch.signal.aborted; first = false) {
    try {
      const { engine } = await watch.context.connect(watch.signal)
      const lookedMs = first ? startedMs : Date.now()
      // Podman answers a request for events with the first of them, so that a connection is not known to stand before.
      if (!first) await lookForEnded(watch, startedMs)
      // On another machine the clocks differ: there listening starts when the connection stands.
      const since = isRemote(engine.endpoint) ? undefined : (lookedMs / 1000).toFixed(3)
      await readEvents(watch, since, () => {
        lost = 0
        if (!first) lookForEnded(watch, startedMs).catch(() => undefined)
      })
    } catch {
      // Gone, or not back yet: the loop tries again until the signal ends it.
    }
    await delay(RECONNECT_MS[Math.min(lost++, RECONNECT_MS.length - 1)] ?? 1_000, watch.signal).catch(() => undefined)
  }
}

/** Ends of the cluster's nodes from this call on. Each end is told once. Finishes without an error when the signal aborts. */
export function exits(context: DockerContext, cluster: ClusterRef, signal: AbortSignal): AsyncIterable<NodeExit> {
  const box = new Mailbox<NodeExit>()
  const told = new Set<string>()
  const report = (containerId: string, exit: NodeExit) => {
    const key = `${containerId} ${exit.at}`
    if (told.has(key)) return
    told.add(key)
    box.put(exit)
  }
  signal.addEventListener('abort', () => box.wake(), { once: true })
  // Listening begins now, not with the first next(): an end in between must not be missed.
  void watchForever({ context, cluster, signal, report }, Date.now())
  return (async function* () {
    while (!signal.aborted) {
      const exit = await box.take()
      if (exit && !signal.aborted) yield exit
    }
  })()
}
