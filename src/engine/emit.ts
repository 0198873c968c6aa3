// Stamps event bodies with version, time and cluster. A reporter that throws never breaks the engine.
import type { ClusterEvent, EventBody, Reporter } from '../model/event.ts'

export type Emit = (body: EventBody) => void

export function createEmitter(cluster: string, reporter: Reporter | undefined): Emit {
  return (body) => {
    const event: ClusterEvent = { v: 1, at: Date.now(), cluster, ...body }
    try {
      reporter?.(event)
    } catch {
      // A broken pipe of a consumer is its own problem: the cluster must not be left half made because of it.
    }
  }
}
