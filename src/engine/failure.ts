// Turns a node that died or did not become ready into one DevclusterError: evidence, matched cause, remedy. Writes nothing.
import { DevclusterError, type ErrorCode } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { ClusterRef, NodeExit, Observed, Runtime } from '../model/runtime.ts'
import type { Cause, Evidence, ServiceDefinition } from '../model/service.ts'
import { causeOfExit } from './general-causes.ts'
import type { ProbeAnswer } from './wait.ts'

const LOG_LINES = 400
const SHOWN_LINES = 50

export interface FailureInput {
  readonly runtime: Runtime
  readonly ref: ClusterRef
  readonly node: NodeSpec
  readonly nodes: readonly NodeSpec[]
  readonly definition: ServiceDefinition
  readonly code: Extract<ErrorCode, 'NODE_EXITED' | 'NOT_READY' | 'START_FAILED'>
  readonly waitedMs: number
  readonly history: readonly ProbeAnswer[]
  readonly exit?: NodeExit | undefined
}

/** Last lines of a node's log; empty when it has none. */
export async function tailOf(runtime: Runtime, ref: ClusterRef, node: string, lines: number): Promise<string[]> {
  const result: string[] = []
  try {
    for await (const line of runtime.logs(ref, node, { follow: false, tail: lines, signal: AbortSignal.timeout(5_000) }))
      result.push(line.text)
  } catch {
    // A node that never started has no log.
  }
  return result
}

export async function describeFailure(input: FailureInput): Promise<DevclusterError> {
  const { runtime, ref, node } = input
  const nothing: Observed = { nodes: {}, data: [] }
  const [log, observed] = await Promise.all([tailOf(runtime, ref, node.id, LOG_LINES), runtime.observe(ref).catch(() => nothing)])
  const exit = input.exit ?? observed.nodes[node.id]?.exit
  const lastWhy = input.history.at(-1)?.why
  const others = input.nodes
    .filter((other) => other.id !== node.id)
    .map((other) => ({ node: other.id, state: observed.nodes[other.id]?.state ?? 'absent' }))
  const evidence: Evidence = { node, log, others, ...(lastWhy === undefined ? {} : { lastWhy }), ...(exit === undefined ? {} : { exit }) }
  const matched = matchCause([...(input.definition.causes ?? []), causeOfExit], evidence)
  const message = sentence(input, exit, lastWhy)
  return new DevclusterError(input.code, matched ? `${message}: ${matched.cause}` : message, {
    node: node.id,
    hint: matched?.remedy ?? `devcluster logs ${node.id} shows more; the report has everything`,
    data: {
      probe: input.history,
      waitedMs: Math.round(input.waitedMs),
      log: relevant(log).slice(-SHOWN_LINES),
      others,
      ...(exit ? { exit } : {}),
      ...(matched ? { cause: matched } : {}),
    },
  })
}

function matchCause(causes: readonly Cause[], evidence: Evidence): { id: string; cause: string; remedy: string } | undefined {
  for (const cause of causes) {
    const text = cause.match(evidence)
    if (text) return { id: cause.id, ...text }
  }
  return undefined
}

function sentence(input: FailureInput, exit: NodeExit | undefined, lastWhy: string | undefined): string {
  const seconds = `${(input.waitedMs / 1000).toFixed(1)} s`
  if (input.code === 'NODE_EXITED') return `${input.node.id} ended ${howItEnded(exit)} after ${seconds}, before it was ready`
  if (input.code === 'START_FAILED') return `${input.node.id} could not be started`
  return `${input.node.id} was not ready within ${seconds}${lastWhy ? ` (last answer: ${lastWhy})` : ''}`
}

/** `with exit code 1`, `by SIGKILL`, `by its memory limit`. */
export function howItEnded(exit: NodeExit | undefined): string {
  if (!exit) return 'for an unknown reason'
  if (exit.outOfMemory) return 'by its memory limit'
  if (exit.signal) return `by ${exit.signal}`
  return exit.code === null ? 'for an unknown reason' : `with exit code ${exit.code}`
}

/** Lines that say something is wrong and what surrounds them; all of them when none does. */
function relevant(log: readonly string[]): string[] {
  const keep = new Set<number>()
  log.forEach((line, index) => {
    if (/\b(ERROR|FATAL|SEVERE|Exception|Error|fatal|OutOfMemory|refused|denied|No space)\b/.test(line))
      for (let i = index - 1; i <= index + 6; i++) keep.add(i)
  })
  return keep.size === 0 ? [...log] : log.filter((_, index) => keep.has(index))
}
