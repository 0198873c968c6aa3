// One function per step operation: what the plan decided is done here, nothing is decided.
import { DevclusterError, isDevclusterError, messageOf } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { Step } from '../model/plan.ts'
import type { Probe } from '../model/probe.ts'
import type { ClusterRef, PullOptions, Runtime } from '../model/runtime.ts'
import type { SeedMemory, ServiceContext, ServiceDefinition } from '../model/service.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { delay } from '../util/async.ts'
import type { StepResult } from './apply.ts'
import type { Emit } from './emit.ts'
import type { ExitWatch } from './exits.ts'
import { describeFailure } from './failure.ts'
import { isHopeless } from './hopeless.ts'
import { type ProbeAnswer, waitUntilReady } from './wait.ts'

export interface StepContext {
  readonly runtime: Runtime
  readonly ref: ClusterRef
  readonly spec: ClusterSpec
  readonly nodes: readonly NodeSpec[]
  /** By kind. */
  readonly definitions: ReadonlyMap<string, ServiceDefinition>
  readonly exits: ExitWatch
  readonly emit: Emit
  readonly pull: PullOptions
  /** Fresh seeds on demand. */
  readonly fresh: boolean
  memoryOf(service: string): SeedMemory
  /** Node -> epoch ms at which a step began to start it; filled by the start steps. */
  readonly startedAt: Map<string, number>
  /** What failed stays to be looked at; no report is written. */
  readonly stays?: boolean
  /** Replaces each service's readyWithinMs, ms. */
  readonly readyWithinMs?: number
}

/** How often a wait looks whether its node still runs, ms: the exit stream is faster, this is its net. */
const LOOK_EVERY_MS = 2_000
/** How long a failed seeding waits for the node's end that may explain it, ms. */
const END_AFTER_ERROR_MS = 1_500
/** A net under `beforeRestart`, which knows better how long its questions may take. */
const REJOIN_WITHIN_MS = 60_000

export async function runStep(context: StepContext, step: Step, signal: AbortSignal): Promise<StepResult> {
  const { op } = step
  switch (op.do) {
    case 'fetch':
      return fetchNodes(context, step.id, op.nodes, signal)
    case 'start':
      return startNode(context, op.node, op.rejoin, signal)
    case 'thaw':
      await context.runtime.thaw(context.ref, nodeOf(context, op.node))
      return {}
    case 'wait':
      return waitForNode(context, step.id, op.node, signal)
    case 'usable':
      return waitForService(context, step.id, op.service, signal)
    case 'check-seeds': {
      const { service, definition } = serviceOf(context, op.service)
      await definition.seeding?.check(service.service, { signal, report: progressOf(context, step.id) })
      return {}
    }
    case 'seed':
      return seed(context, step.id, op.service, signal)
    case 'stop': {
      const node = nodeOf(context, op.node)
      context.emit({ type: 'node', node: node.id, state: 'stopping' })
      await context.runtime.stop(context.ref, node, { style: 'graceful', graceMs: node.stop.graceMs })
      return {}
    }
    case 'remove':
      await context.runtime.remove(context.ref, op.node, { keepData: op.keepData })
      return {}
  }
}

function nodeOf(context: StepContext, id: string): NodeSpec {
  const node = context.nodes.find((candidate) => candidate.id === id)
  if (!node) throw new DevclusterError('INTERNAL', `the plan names an unknown node ${id}`)
  return node
}

/** What a service's own functions get. */
export function serviceContext(spec: ClusterSpec, nodes: readonly NodeSpec[], name: string): ServiceContext {
  const service = spec.services.find((candidate) => candidate.name === name)
  if (!service) throw new DevclusterError('INTERNAL', `unknown service ${name}`)
  return { cluster: spec, service, nodes: nodes.filter((node) => node.service === name), all: nodes }
}

function serviceOf(context: StepContext, name: string): { service: ServiceContext; definition: ServiceDefinition } {
  const service = serviceContext(context.spec, context.nodes, name)
  const definition = context.definitions.get(service.service.kind)
  if (!definition) throw new DevclusterError('INTERNAL', `no definition of kind ${service.service.kind}`)
  return { service, definition }
}

function progressOf(context: StepContext, step: string) {
  return (progress: { what: string; done: number; total?: number; unit: 'records' | 'items' | 'bytes' }) => {
    context.emit({
      type: 'step',
      step,
      state: 'progress',
      message: progress.what,
      progress: { done: progress.done, unit: progress.unit, ...(progress.total === undefined ? {} : { total: progress.total }) },
    })
  }
}

async function fetchNodes(context: StepContext, step: string, ids: readonly string[], signal: AbortSignal): Promise<StepResult> {
  const nodes = ids.map((id) => nodeOf(context, id))
  await context.runtime.fetch(context.ref, nodes, context.pull, signal, (progress) => {
    context.emit({
      type: 'step',
      step,
      state: 'progress',
      message: progress.what,
      progress: { done: progress.doneBytes, unit: 'bytes', ...(progress.totalBytes === undefined ? {} : { total: progress.totalBytes }) },
    })
  })
  return {}
}

async function startNode(context: StepContext, id: string, rejoin: boolean, signal: AbortSignal): Promise<StepResult> {
  const node = nodeOf(context, id)
  const { service, definition } = serviceOf(context, node.service)
  context.emit({ type: 'node', node: id, state: 'starting' })
  context.exits.forget(id)
  context.startedAt.set(id, Date.now())
  if (rejoin && definition.beforeRestart) {
    try {
      await definition.beforeRestart(node, service, AbortSignal.any([signal, AbortSignal.timeout(REJOIN_WITHIN_MS)]))
    } catch (error) {
      signal.throwIfAborted()
      context.emit({
        type: 'warning',
        node: id,
        message: `the others could not be told that ${id} restarts (${messageOf(error)}); it may take longer`,
      })
    }
  }
  try {
    await context.runtime.start(context.ref, node, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (isDevclusterError(error)) throw error
    throw new DevclusterError('START_FAILED', `${id} could not be started: ${messageOf(error)}`, { node: id, cause: error })
  }
  context.emit({ type: 'node', node: id, state: 'running' })
  return {}
}

async function waitForNode(context: StepContext, step: string, id: string, signal: AbortSignal): Promise<StepResult> {
  const node = nodeOf(context, id)
  const { service, definition } = serviceOf(context, node.service)
  const ms = await prove(context, step, definition.probe(node, { ...service, startedAt: context.startedAt }), [node], definition, signal)
  context.emit({ type: 'node', node: id, state: 'ready', ms })
  return {}
}

async function waitForService(context: StepContext, step: string, name: string, signal: AbortSignal): Promise<StepResult> {
  const { service, definition } = serviceOf(context, name)
  if (!definition.usable) return { skipped: true }
  await prove(context, step, definition.usable(service), service.nodes, definition, signal)
  return {}
}

/** Probes until ready, or until one of the nodes ends, or until time is over. */
async function prove(
  context: StepContext,
  step: string,
  probe: Probe,
  nodes: readonly NodeSpec[],
  definition: ServiceDefinition,
  signal: AbortSignal,
): Promise<number> {
  const began = performance.now()
  const withinMs = context.readyWithinMs ?? definition.readyWithinMs
  const stop = new AbortController()
  const inner = AbortSignal.any([signal, stop.signal])
  const history: ProbeAnswer[] = []
  const failure = (node: NodeSpec, code: 'NODE_EXITED' | 'NOT_READY') =>
    describeFailure({
      runtime: context.runtime,
      ref: context.ref,
      node,
      nodes: context.nodes,
      definition,
      code,
      waitedMs: performance.now() - began,
      history,
      exit: context.exits.of(node.id),
      startedAtMs: context.startedAt.get(node.id),
      stays: context.stays,
    })
  // Others may vouch for a node for a while after its end: one that was not started just now is looked at itself first.
  const old = nodes.filter((node) => !context.startedAt.has(node.id))
  const gone = old.length === 0 ? undefined : await firstDead(context, old)
  if (gone) throw await failure(gone, 'NODE_EXITED')
  const onWhy = (why: string) => context.emit({ type: 'step', step, state: 'progress', message: why })
  try {
    const waiting = waitUntilReady(probe, { withinMs, signal: inner, onWhy, history }).then((result) => ({ result }))
    const died = endOfAny(context, nodes, inner).then((node) => ({ dead: node.id }))
    const hopeless = lookForHopeless(context, nodes, definition, inner).then((node) => ({ hopeless: node }))
    // Whoever loses is aborted and settles unseen.
    for (const loser of [died, waiting, hopeless]) loser.catch(() => undefined)
    const first = await Promise.race([waiting, died, hopeless])
    if ('result' in first && first.result.outcome === 'ready') return Math.round(first.result.ms)
    stop.abort(new Error('the wait is over'))
    const named = 'dead' in first ? first.dead : 'hopeless' in first ? first.hopeless : undefined
    const culprit = named === undefined ? blamed(nodes, history.at(-1)?.why) : nodes.find((node) => node.id === named)
    const node = culprit ?? nodes[0]
    if (!node) throw new DevclusterError('INTERNAL', `${step}: no nodes`)
    throw await failure(node, 'dead' in first ? 'NODE_EXITED' : 'NOT_READY')
  } finally {
    stop.abort(new Error('the wait is over'))
  }
}

/** The node a service-wide answer is about, when the answer names one. */
function blamed(nodes: readonly NodeSpec[], why: string | undefined): NodeSpec | undefined {
  return why === undefined ? undefined : nodes.find((node) => why.includes(node.id))
}

/** The first of these nodes that ends, by the stream of exits or by a look at the nodes themselves. */
async function endOfAny(context: StepContext, nodes: readonly NodeSpec[], signal: AbortSignal): Promise<NodeSpec> {
  const ids = nodes.map((node) => node.id)
  const told = context.exits.next(ids, signal).then((exit) => nodes.find((node) => node.id === exit.node))
  const looked = (async () => {
    for (;;) {
      await delay(LOOK_EVERY_MS, signal)
      const dead = await firstDead(context, nodes)
      if (dead) return dead
    }
  })()
  looked.catch(() => undefined)
  const node = await Promise.race([told, looked])
  if (!node) throw new DevclusterError('INTERNAL', 'an unknown node ended')
  return node
}

/** One of these nodes that does not run now. */
async function firstDead(context: StepContext, nodes: readonly NodeSpec[]): Promise<NodeSpec | undefined> {
  const observed = await context.runtime.observe(context.ref).catch(() => undefined)
  return observed && nodes.find((node) => (observed.nodes[node.id]?.state ?? 'stopped') === 'stopped')
}

/** Reads the logs of nodes that this run started, from time to time: resolves with one that says twice what no waiting can mend. */
async function lookForHopeless(
  context: StepContext,
  nodes: readonly NodeSpec[],
  definition: ServiceDefinition,
  signal: AbortSignal,
): Promise<string> {
  const suspects = new Set<string>()
  for (;;) {
    await delay(LOOK_EVERY_MS, signal)
    for (const node of nodes) {
      const sinceMs = context.startedAt.get(node.id)
      if (sinceMs === undefined || !(await isHopeless({ ...context, node, causes: definition.causes ?? [], sinceMs }))) continue
      if (suspects.has(node.id)) return node.id
      suspects.add(node.id)
    }
  }
}

/** Seeds; a node that ends meanwhile is the failure, not what its clients then say. */
async function seed(context: StepContext, step: string, name: string, signal: AbortSignal): Promise<StepResult> {
  const { service, definition } = serviceOf(context, name)
  if (!definition.seeding) return { skipped: true }
  const began = performance.now()
  const stop = new AbortController()
  const inner = AbortSignal.any([signal, stop.signal])
  const seeding = definition.seeding.apply({
    ...service,
    memory: context.memoryOf(name),
    signal: inner,
    report: progressOf(context, step),
    warn: (message) => context.emit({ type: 'warning', message }),
    fresh: context.fresh,
  })
  const died = endOfAny(context, service.nodes, inner)
  const settled = seeding.then(
    (summary) => ({ summary }),
    (error: unknown) => ({ error }),
  )
  died.catch(() => undefined)
  try {
    let first = await Promise.race([settled, died.then((dead) => ({ dead }))])
    if ('error' in first && isDevclusterError(first.error) && first.error.code === 'SEED_FAILED')
      // The client is often told a moment before the node is gone.
      first = await Promise.race([died.then((dead) => ({ dead })), delay(END_AFTER_ERROR_MS, inner).then(() => settled)])
    if ('summary' in first) return first.summary.done.length === 0 ? { skipped: true } : { message: first.summary.done.join('; ') }
    signal.throwIfAborted()
    if ('error' in first) throw first.error
    throw await describeFailure({
      runtime: context.runtime,
      ref: context.ref,
      node: first.dead,
      nodes: context.nodes,
      definition,
      code: 'NODE_EXITED',
      during: 'while it was being seeded',
      waitedMs: performance.now() - began,
      history: [],
      exit: context.exits.of(first.dead.id),
      startedAtMs: context.startedAt.get(first.dead.id),
      stays: context.stays,
    })
  } finally {
    stop.abort(new Error('seeding is over'))
    await settled
  }
}
