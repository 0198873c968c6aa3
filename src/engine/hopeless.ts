// Does the log of a running node already say that it can never become ready? Looks once; the waiting is step.ts's.
import type { NodeSpec } from '../model/node.ts'
import type { ClusterRef, Runtime } from '../model/runtime.ts'
import type { Cause } from '../model/service.ts'
import { matchCause, tailOf } from './failure.ts'

const LOG_LINES = 100

export interface HopelessInput {
  readonly runtime: Runtime
  readonly ref: ClusterRef
  readonly node: NodeSpec
  readonly causes: readonly Cause[]
  /** Epoch ms at which this run of the node was started. */
  readonly sinceMs: number
}

/** True when one of the service's hopeless causes is in the last lines. Never throws. */
export async function isHopeless({ runtime, ref, node, causes, sinceMs }: HopelessInput): Promise<boolean> {
  const hopeless = causes.filter((cause) => cause.hopeless)
  if (hopeless.length === 0) return false
  const log = await tailOf(runtime, ref, node.id, LOG_LINES, sinceMs)
  return matchCause(hopeless, { node, log, others: [] }) !== undefined
}
