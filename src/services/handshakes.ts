// The quick proof of each kind, loaded one by one: Node's built-ins only, for `status` and for an `up` with nothing to do.
import type { Verdict } from '../model/probe.ts'

/** A node as the summary of a cluster knows it. */
interface HotNode {
  readonly id: string
  readonly role: string
  /** Published ports by name. */
  readonly ports: Readonly<Record<string, { readonly host: string; readonly port: number }>>
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** Node id -> verdict. Settles soon after the signal aborts. */
type Handshake = (nodes: readonly HotNode[], signal: AbortSignal) => Promise<Record<string, Verdict>>

export const HANDSHAKES: Readonly<Record<string, () => Promise<{ readonly default: Handshake }>>> = {
  kafka: () => import('./kafka/handshake.ts'),
  zookeeper: () => import('./zookeeper/handshake.ts'),
}
