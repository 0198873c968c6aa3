// News about a cluster. The core emits events and never prints; cli/progress consumes them. Additive only: `v` stays 1.
import type { ErrorCode } from '../errors.ts'

export interface ClusterEvent {
  readonly v: 1
  /** Epoch ms. */
  readonly at: number
  /**
   * `plan`: the plan is known (data.steps). `step`: a step changed state. `node`: a node changed state.
   * `warning`: worth reading, nothing failed. `result`: last event of an action.
   */
  readonly type: 'plan' | 'step' | 'node' | 'warning' | 'result'
  /** Cluster id. */
  readonly cluster: string
  readonly node?: string
  /** Step id as `start kafka-1`. */
  readonly step?: string
  /** Of a step: started, progress, done, skipped, failed. Of a node: starting, running, ready, stopped, failed. Of a result: ok, failed. */
  readonly state?: string
  /** Duration for `done`, ms. */
  readonly ms?: number
  readonly because?: string
  /** Human line: progress text, warning text. */
  readonly message?: string
  readonly progress?: { readonly done: number; readonly total?: number; readonly unit: 'bytes' | 'files' | 'records' | 'items' }
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
  readonly data?: Readonly<Record<string, unknown>>
}

/** An event before the emitter adds `v`, `at` and `cluster`. */
export type EventBody = Omit<ClusterEvent, 'v' | 'at' | 'cluster'>

export type Reporter = (event: ClusterEvent) => void
