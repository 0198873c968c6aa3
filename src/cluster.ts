// The spine: a source becomes a cluster, a plan, a connection or nothing. Each function is one sentence; the rooms behind it do the work.

import type { StepTiming } from './engine/apply.ts'
import { createEmitter } from './engine/emit.ts'
import { readStored, refOf, removeState } from './engine/state.ts'
import { stopNodes } from './engine/teardown.ts'
import { type ClusterTarget, connect, resolveId } from './lifecycle/connect.ts'
import { Cluster } from './lifecycle/handle.ts'
import { type ListedCluster, list } from './lifecycle/list.ts'
import type { ClusterObject, ClusterSource, LoadOptions, PlanOptions, StartOptions } from './lifecycle/options.ts'
import { prepare } from './lifecycle/prepare.ts'
import { runtimeFactories, runtimeNamed, usableRuntimes } from './lifecycle/runtimes.ts'
import { definitionsOf, load } from './lifecycle/source.ts'
import { lockCluster, up } from './lifecycle/up.ts'
import type { Reporter } from './model/event.ts'
import type { Explained, NodeSpec } from './model/node.ts'
import type { Plan } from './model/plan.ts'
import type { NodeShape } from './model/shape.ts'
import type { ClusterSpec } from './model/spec.ts'
import { formatPlan } from './plan/format.ts'
import { clusterStateDir } from './util/paths.ts'

/** Types a cluster object; returns it as it is. For `devcluster.ts` files. */
export function defineCluster<const T extends ClusterObject>(cluster: T): T {
  return cluster
}

/** Reads and validates. @throws CONFIG_NOT_FOUND, CONFIG_INVALID (data.diagnostics: all of them) */
export async function loadCluster(
  source?: ClusterSource,
  options: LoadOptions = {},
): Promise<{ spec: ClusterSpec; warnings: readonly string[]; tree: unknown }> {
  const { spec, warnings, tree } = await load(source, options)
  return { spec, warnings, tree }
}

/** What `up` would do and why. Starts nothing. */
export interface PlannedCluster {
  readonly spec: ClusterSpec
  readonly plan: Plan
  readonly nodes: readonly NodeSpec[]
  readonly runtime: string
  readonly runtimeBecause: string
  readonly explain: Readonly<Record<string, readonly Explained[]>>
  readonly warnings: readonly string[]
}

export async function planCluster(source?: ClusterSource, options: PlanOptions & { persistent?: boolean } = {}): Promise<PlannedCluster> {
  const prepared = await prepare(source, { ...options, ephemeral: !(options.persistent ?? true), forReal: false })
  return {
    spec: prepared.spec,
    plan: prepared.plan,
    nodes: prepared.nodes,
    runtime: prepared.runtime.name,
    runtimeBecause: prepared.runtimeBecause,
    explain: Object.fromEntries(prepared.nodes.map((node) => [node.id, node.explain])),
    warnings: prepared.warnings,
  }
}

/** Nodes that a spec describes, before anything has an address. Pure. */
export function shapeCluster(spec: ClusterSpec, options: LoadOptions = {}): readonly NodeShape[] {
  const definitions = definitionsOf(options)
  return spec.services.flatMap((service) => [...(definitions.find(({ kind }) => kind === service.kind)?.shape(service, spec) ?? [])])
}

/** Fetches everything that starting would need; starts nothing. @returns what is there now: images, distributions */
export async function pullCluster(
  source?: ClusterSource,
  options: PlanOptions & { pull?: 'missing' | 'always' } = {},
): Promise<{ id: string; runtime: string; what: readonly string[] }> {
  const { spec, runtime, ref, nodes } = await prepare(source, { ...options, ephemeral: false, forReal: false })
  const emit = createEmitter(spec.id, options.onEvent)
  const step = 'fetch'
  emit({ type: 'step', step, state: 'started' })
  await runtime.fetch(
    ref,
    nodes,
    { always: options.pull === 'always' },
    options.signal ?? new AbortController().signal,
    ({ what, doneBytes, totalBytes }) => {
      emit({
        type: 'step',
        step,
        state: 'progress',
        message: what,
        progress: { done: doneBytes, unit: 'bytes', ...(totalBytes === undefined ? {} : { total: totalBytes }) },
      })
    },
  )
  emit({ type: 'step', step, state: 'done' })
  const what = new Set(nodes.map(({ launch }) => (launch.via === 'container' ? launch.image : launch.distribution.id)))
  return { id: spec.id, runtime: runtime.name, what: [...what] }
}

/** A started cluster with what its start cost. */
export interface StartReport {
  readonly changed: boolean
  readonly ms: number
  readonly timings: readonly StepTiming[]
}

const REPORTS = new WeakMap<Cluster, StartReport>()

/** What the start that made this handle did. Undefined for a connected one. */
export function startReport(cluster: Cluster): StartReport | undefined {
  return REPORTS.get(cluster)
}

/**
 * Brings a cluster up until everything declared is ready and seeded. Ephemeral unless `persistent`: it ends with this process.
 * @throws any code of docs/errors.md; nothing that this call created is left then
 */
export async function startCluster(source?: ClusterSource, options: StartOptions = {}): Promise<Cluster> {
  const result = await up(source, options)
  const cluster = new Cluster({
    stored: result.stored,
    runtime: result.prepared.runtime,
    definitions: result.prepared.definitions,
    onEvent: options.onEvent,
  })
  REPORTS.set(cluster, { changed: result.changed, ms: result.ms, timings: result.timings })
  return cluster
}

/** Attaches to a cluster that exists, without its file. @throws CLUSTER_NOT_FOUND */
export async function connectCluster(target: ClusterTarget = {}, options: LoadOptions & { onEvent?: Reporter } = {}): Promise<Cluster> {
  return connect(target, options)
}

/** Every cluster of this user on this machine. */
export async function listClusters(options: LoadOptions = {}): Promise<ListedCluster[]> {
  return list(options)
}

/**
 * Removes a cluster by its id alone, whatever state it is in: also one whose state file is lost. Content when there is none.
 * @returns what was removed, as text
 */
export async function destroyCluster(
  target: ClusterTarget = {},
  options: LoadOptions & { keepData?: boolean; onEvent?: Reporter | undefined; lockTimeoutMs?: number } = {},
): Promise<{ id: string; removed: readonly string[] }> {
  const id = await resolveId(target)
  const emit = createEmitter(id, options.onEvent)
  const lock = await lockCluster(id, options.lockTimeoutMs ?? 60_000, emit)
  try {
    const stored = await readStored(id)
    const factories = runtimeFactories(options)
    const runtimes = stored ? [await runtimeNamed(stored.runtime, factories)] : await usableRuntimes(factories)
    const ref = stored ? refOf(stored.spec, stored.owner) : { id, name: id, stateDir: clusterStateDir(id), bind: '127.0.0.1', mirrors: {} }
    const removed: string[] = []
    for (const runtime of runtimes) {
      if (options.keepData && stored) await stopNodes(runtime, ref, stored.nodes, emit)
      removed.push(...(await runtime.destroy(ref, { keepData: options.keepData ?? false })).removed)
    }
    removed.push(...(await removeState(id, { keepData: options.keepData ?? false })))
    return { id, removed }
  } finally {
    await lock.release()
  }
}

/** Names and kinds of all services this package knows. */
export function knownServices(options: LoadOptions = {}): readonly { kind: string; summary: string }[] {
  return definitionsOf(options).map(({ kind, summary }) => ({ kind, summary }))
}

export { formatPlan }
