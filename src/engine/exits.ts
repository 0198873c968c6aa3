// Watches the ends of nodes while a plan is applied, so that a dead node ends a wait at once.
import type { ClusterRef, NodeExit, Runtime } from '../model/runtime.ts'

export interface ExitWatch {
  /** Last unexpected end of a node since the watch began (cleared by forget). */
  of(node: string): NodeExit | undefined
  /** A node is about to be started anew: its earlier end no longer counts. */
  forget(node: string): void
  /** Rejects never; resolves with the end of one of these nodes, or stays pending until the signal aborts. */
  next(nodes: readonly string[], signal: AbortSignal): Promise<NodeExit>
  close(): void
}

export function watchExits(runtime: Runtime, ref: ClusterRef): ExitWatch {
  const stop = new AbortController()
  const ends = new Map<string, NodeExit>()
  const listeners = new Set<(exit: NodeExit) => void>()
  void (async () => {
    try {
      for await (const exit of runtime.exits(ref, stop.signal)) {
        if (exit.expected) continue
        ends.set(exit.node, exit)
        for (const listener of listeners) listener(exit)
      }
    } catch {
      // The stream is a shortcut: engine/step also looks at the nodes themselves while it waits.
    }
  })()
  return {
    of: (node) => ends.get(node),
    forget: (node) => {
      ends.delete(node)
    },
    next: (nodes, signal) =>
      new Promise((resolve) => {
        for (const node of nodes) {
          const known = ends.get(node)
          if (known) {
            resolve(known)
            return
          }
        }
        const listener = (exit: NodeExit) => {
          if (!nodes.includes(exit.node)) return
          listeners.delete(listener)
          resolve(exit)
        }
        listeners.add(listener)
        signal.addEventListener('abort', () => listeners.delete(listener), { once: true })
      }),
    close: () => {
      stop.abort()
      listeners.clear()
    },
  }
}
