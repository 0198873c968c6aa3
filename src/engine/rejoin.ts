// Lets a service help a node in that was started on data it had before, while that node is waited for. Best effort: the waiting is step.ts's.
import { messageOf } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { ClusterRef, Runtime } from '../model/runtime.ts'
import type { ServiceContext, ServiceDefinition } from '../model/service.ts'
import type { Emit } from './emit.ts'

export interface RejoinInput {
  readonly runtime: Runtime
  readonly ref: ClusterRef
  readonly node: NodeSpec
  readonly definition: ServiceDefinition
  readonly service: ServiceContext
  /** Epoch ms at which this run of the node was begun. */
  readonly sinceMs: number
  readonly emit: Emit
}

/** Settles when the service has done what it can, or soon after the signal aborts. Never rejects. */
export async function helpRejoin(input: RejoinInput, signal: AbortSignal): Promise<void> {
  const { runtime, ref, node, definition, service, sinceMs, emit } = input
  if (!definition.whileRejoining) return
  try {
    await definition.whileRejoining(node, service, runtime.logs(ref, node.id, { follow: true, sinceMs, signal }), signal)
  } catch (error) {
    if (signal.aborted) return
    emit({ type: 'warning', node: node.id, message: `${node.id} could not be helped in (${messageOf(error)}); it may take longer` })
  }
}
