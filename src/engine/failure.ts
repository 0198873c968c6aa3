// Turns a node that died or did not become ready into one DevclusterError: evidence, matched cause, remedy. Writes nothing.
import { statfs } from 'node:fs/promises'
import { DevclusterError, ERROR_CODES, type ErrorCode } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { ClusterRef, NodeExit, Observed, Runtime } from '../model/runtime.ts'
import type { Cause, Evidence, ServiceDefinition } from '../model/service.ts'
import { type PortOwner, portOwner } from '../util/ports.ts'
import { FALLBACK_CAUSES, PROVEN_CAUSES } from './general-causes.ts'
import type { ProbeAnswer } from './wait.ts'

const LOG_LINES = 400
const SHOWN_LINES = 50
/** Less than this is a full disk: a broker's index files alone are larger. */
const FULL_BELOW_BYTES = 1024 * 1024

export interface FailureInput {
  readonly runtime: Runtime
  readonly ref: ClusterRef
  readonly node: NodeSpec
  readonly nodes: readonly NodeSpec[]
  readonly definition: ServiceDefinition
  readonly code: Extract<ErrorCode, 'NODE_EXITED' | 'NOT_READY' | 'START_FAILED'>
  readonly waitedMs: number
  /** What was going on when it ended; default `before it was ready`. */
  readonly during?: string
  readonly history: readonly ProbeAnswer[]
  readonly exit?: NodeExit | undefined
  /** When this run of the node was started, epoch ms; undefined when it ran before. Older lines of its log tell of other failures. */
  readonly startedAtMs?: number | undefined
  /** The node stays as it is, and nobody writes a report: it was started by itself, not by an `up`. */
  readonly stays?: boolean | undefined
}

/** A cause that matched. */
export interface MatchedCause {
  readonly id: string
  readonly cause: string
  readonly remedy: string
}

/** Last lines of a node's log; empty when it has none. */
export async function tailOf(runtime: Runtime, ref: ClusterRef, node: string, lines: number, sinceMs?: number): Promise<string[]> {
  const result: string[] = []
  try {
    const since = sinceMs === undefined ? {} : { sinceMs }
    for await (const line of runtime.logs(ref, node, { follow: false, tail: lines, ...since, signal: AbortSignal.timeout(5_000) }))
      result.push(line.text)
  } catch {
    // A node that never started has no log.
  }
  return result
}

export async function describeFailure(input: FailureInput): Promise<DevclusterError> {
  const { runtime, ref, node } = input
  const nothing: Observed = { nodes: {}, data: [] }
  const [log, observed, disk] = await Promise.all([
    tailOf(runtime, ref, node.id, LOG_LINES, input.startedAtMs),
    runtime.observe(ref).catch(() => nothing),
    diskOf(ref.stateDir),
  ])
  const exit = input.exit ?? observed.nodes[node.id]?.exit
  // Stopped or killed on purpose: its log explains nothing, only what follows from others for the service does.
  const expected = input.code === 'NODE_EXITED' && exit?.expected === true
  const lastWhy = input.history.at(-1)?.why
  const others = input.nodes
    .filter((other) => other.id !== node.id)
    .map((other) => ({ node: other.id, state: observed.nodes[other.id]?.state ?? 'absent' }))
  const evidence: Evidence = {
    node,
    log,
    others,
    ...(disk ? { disk } : {}),
    ...(lastWhy === undefined ? {} : { lastWhy }),
    ...(exit === undefined ? {} : { exit }),
  }
  const known = input.definition.causes ?? []
  const matched = expected
    ? matchCause(known, { ...evidence, log: [] })
    : matchCause([...PROVEN_CAUSES, ...known, ...FALLBACK_CAUSES], evidence)
  const owner = matched?.id === 'PORT_TAKEN' ? await ownerOf(node, matched.cause) : undefined
  const message = sentence(input, exit, lastWhy, matched)
  return new DevclusterError(codeOf(input, matched), `${message}${owner ? ` (by ${owner.text})` : ''}`, {
    node: node.id,
    hint: matched?.remedy ?? hintFor(input, expected),
    data: {
      probe: input.history,
      waitedMs: Math.round(input.waitedMs),
      log: expected ? [] : relevant(log).slice(-SHOWN_LINES),
      others,
      ...(exit ? { exit } : {}),
      ...(matched ? { cause: matched } : {}),
      ...(owner?.pid === undefined ? {} : { pid: owner.pid, command: owner.command }),
    },
  })
}

/** What helps when no cause is known. */
function hintFor(input: FailureInput, expected: boolean): string {
  const { id } = input.node
  if (expected) return `devcluster start ${id}, or devcluster up`
  // Nothing was started here, so there is no report either.
  if (wasDown(input)) return `devcluster logs ${id} shows its log; devcluster start ${id}, or devcluster up, starts it again`
  if (input.stays === true) return `devcluster logs ${id} shows its log`
  return 'read its log in the report; up --keep-on-failure leaves everything in place to look at'
}

/** It did not die while something was waiting for its start: it was down when asked. */
function wasDown(input: FailureInput): boolean {
  return input.code === 'NODE_EXITED' && input.startedAtMs === undefined && input.during === undefined
}

/** The first cause that fits. */
export function matchCause(causes: readonly Cause[], evidence: Evidence): MatchedCause | undefined {
  for (const cause of causes) {
    const text = cause.match(evidence)
    if (text) return { id: cause.id, ...text }
  }
  return undefined
}

/** A cause that has an error code of its own gives it to the failure: DISK_FULL says more than NODE_EXITED. */
function codeOf(input: FailureInput, matched: MatchedCause | undefined): ErrorCode {
  return ERROR_CODES.find((code) => code === matched?.id) ?? input.code
}

async function diskOf(path: string): Promise<Evidence['disk']> {
  try {
    const { bavail, bsize } = await statfs(path)
    return { path, full: bavail * bsize < FULL_BELOW_BYTES }
  } catch {
    return undefined
  }
}

/** Who holds the port that a text names. */
async function ownerOf(node: NodeSpec, text: string): Promise<PortOwner | undefined> {
  const port = Object.values(node.place.ports).find(({ host }) => host && new RegExp(`:${host.port}\\b`).test(text))?.host?.port
  return port === undefined ? undefined : portOwner(port)
}

function sentence(input: FailureInput, exit: NodeExit | undefined, lastWhy: string | undefined, matched: MatchedCause | undefined): string {
  const { node } = input
  const seconds = `${(input.waitedMs / 1000).toFixed(1)} s`
  const why = matched ? `: ${matched.cause}` : ''
  if (input.code === 'START_FAILED') return `${node.id} could not be started${why}`
  // The cause says it better than the last answer, and both in one line are too much to read.
  if (input.code === 'NOT_READY') return `${node.id} was not ready within ${seconds}${why || (lastWhy ? `: ${lastWhy}` : '')}`
  if (exit?.expected)
    return `${node.id} does not run: devcluster ${exit.signal === 'SIGKILL' ? 'killed' : 'stopped'} it${matched ? `; ${matched.cause}` : ''}`
  if (wasDown(input)) return `${node.id} does not run (it ended ${howItEnded(exit)})${why}`
  return `${node.id} ended ${howItEnded(exit)} after ${seconds}, ${input.during ?? 'before it was ready'}${why}`
}

/** `with exit code 1`, `by SIGKILL`, `by its memory limit`. */
export function howItEnded(exit: NodeExit | undefined): string {
  if (!exit) return 'for an unknown reason'
  if (exit.outOfMemory) return 'by its memory limit'
  if (exit.signal) return `by ${exit.signal}`
  return exit.code === null ? 'for an unknown reason' : `with exit code ${exit.code}`
}

const WRONG = /\b(ERROR|FATAL|SEVERE|\w*Exception|\w*Error|fatal|refused|denied|No space|Terminating due to)\b/
/** A line that says itself that it is no error, although an exception's name may be in it. */
const HARMLESS = /^\S+ (INFO|DEBUG|TRACE) /
/** Leading time and trailing logger: lines that differ in nothing else repeat each other. */
const REPEATED = /^\S+ |\d+/g

/** Lines that say something is wrong and what surrounds them, each once; the last ones when none does. */
function relevant(log: readonly string[]): string[] {
  const keep = new Set<number>()
  const said = new Set<string>()
  log.forEach((line, index) => {
    if (HARMLESS.test(line) || !WRONG.test(line)) return
    const gist = line.replaceAll(REPEATED, '')
    if (said.has(gist)) return
    said.add(gist)
    // A stack trace may follow.
    keep.add(index)
    for (let i = index + 1; i <= index + 12 && /^\s+(at |\.\.\. \d+ more)|^Caused by:/.test(log[i] ?? ''); i++) keep.add(i)
  })
  return keep.size === 0 ? log.slice(-15) : log.filter((_, index) => keep.has(index))
}
