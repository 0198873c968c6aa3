// From a source to a plan: load -> shape -> place -> render -> observe -> plan. Starts nothing; `forReal` alone makes the state
// folder and claims ports.
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import type { LoadInputs } from '../config/inputs.ts'
import { ensureStateDir, readStored, refOf, type StoredCluster } from '../engine/state.ts'
import { DevclusterError } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { Plan } from '../model/plan.ts'
import type { ClusterRef, Observed, OwnerRef, Runtime, RuntimeInfo } from '../model/runtime.ts'
import type { ServiceDefinition } from '../model/service.ts'
import type { NodeShape } from '../model/shape.ts'
import type { ClusterSpec, ServiceSpec } from '../model/spec.ts'
import { diff, type PlannedService } from '../plan/diff.ts'
import { renderAll } from '../render/render.ts'
import { selectRuntime } from '../runtimes/select.ts'
import { selfIdentity } from '../util/process-identity.ts'
import type { ClusterSource, PlanOptions } from './options.ts'
import { load } from './source.ts'

export interface Prepared {
  readonly spec: ClusterSpec
  readonly inputs: LoadInputs
  /** Warnings of the cluster file, already formatted. */
  readonly warnings: readonly string[]
  readonly runtime: Runtime
  readonly info: RuntimeInfo
  /** Why this runtime: `the file says so`, `an engine answers`. */
  readonly runtimeBecause: string
  readonly ref: ClusterRef
  readonly stored: StoredCluster | undefined
  readonly observed: Observed
  readonly nodes: readonly NodeSpec[]
  readonly plan: Plan
  /** Takes back what the runtime began in the hope of a start; to be called in the end, whatever happened. */
  readonly release: () => Promise<void>
  /** Hash of each service's declarations with the sizes and times of its files. */
  readonly seedKeys: Readonly<Record<string, string>>
  readonly definitions: ReadonlyMap<string, ServiceDefinition>
}

export interface PrepareOptions extends PlanOptions {
  /** Own it: an ephemeral cluster. */
  readonly ephemeral: boolean
  /** Make the state folder (an up), or leave no trace (a plan). */
  readonly forReal: boolean
}

export async function prepare(source: ClusterSource, options: PrepareOptions): Promise<Prepared> {
  const signal = options.signal ?? new AbortController().signal
  const loaded = await load(source, options)
  const definitions = new Map(loaded.definitions.map((definition) => [definition.kind, definition]))
  const stored = await readStored(loaded.spec.id)
  // A cluster that exists stays on its runtime: `auto` must not build a second one beside it when an engine comes up later.
  const wanted = loaded.spec.runtime === 'auto' && stored && stored.runtime !== 'fake' ? stored.runtime : loaded.spec.runtime
  const { runtime, info, because } = await selectRuntime(wanted, loaded.runtimes, signal)
  let spec = loaded.spec
  if (spec.services.some((service) => !definitions.get(service.kind)?.runs.includes(runtime.via))) {
    // Load once more with the runtime named, so that the complaint carries the position of each service it is about.
    spec = (await load(source, { ...options, runtime: runtime.via === 'container' ? 'docker' : 'process', id: spec.id })).spec
  }
  if (info.remote && !spec.bindIsExplicit) {
    throw new DevclusterError(
      'REMOTE_BIND',
      `${info.description} runs on another machine, and the cluster file does not say which of its addresses to publish ports on`,
      {
        hint: "add `bind: 0.0.0.0` (or one address of that machine) to the cluster file; endpoints then carry that machine's name",
      },
    )
  }
  const owner: OwnerRef | undefined = options.ephemeral ? selfIdentity() : undefined
  const ref = refOf(spec, owner)
  if (options.forReal) await ensureStateDir(spec.id)
  const shapes = spec.services.flatMap((service) => [...definitionOf(definitions, service).shape(service, spec)])
  const observed = await runtime.observe(ref)
  const isIdle = shapes.some(({ id }) => (observed.nodes[id]?.state ?? 'stopped') === 'stopped')
  const release = (options.forReal && isIdle ? runtime.anticipate?.(ref) : undefined) ?? (() => Promise.resolve())
  try {
    const planned = await plan({ spec, shapes, runtime, ref, stored, observed, definitions }, options)
    return {
      spec,
      inputs: loaded.inputs,
      warnings: loaded.warnings,
      runtime,
      info,
      runtimeBecause: because,
      ref,
      stored,
      observed,
      release,
      definitions,
      ...planned,
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** place -> render -> plan, from what was loaded and observed. */
async function plan(
  from: Pick<Prepared, 'spec' | 'runtime' | 'ref' | 'stored' | 'observed' | 'definitions'> & { readonly shapes: readonly NodeShape[] },
  options: PrepareOptions,
): Promise<Pick<Prepared, 'nodes' | 'plan' | 'seedKeys'>> {
  const { spec, shapes, runtime, ref, stored, observed, definitions } = from
  const previous = Object.fromEntries((stored?.nodes ?? []).map((node) => [node.id, node]))
  const placement = await runtime.place(ref, spec, shapes, {
    observed,
    previous: Object.fromEntries(Object.values(previous).map((node) => [node.id, node.place])),
    claim: options.forReal,
  })
  const nodes = renderAll(spec, shapes, placement, runtime.via, definitions)
  const seedKeys = Object.fromEntries(spec.services.map((service) => [service.name, seedKey(service, definitionOf(definitions, service))]))
  const services = spec.services.map((service): PlannedService => {
    const definition = definitionOf(definitions, service)
    return {
      name: service.name,
      needs: service.needs,
      hasUsable: definition.usable !== undefined,
      hasSeeds: definition.seeding?.declares(service) ?? false,
      seeded: stored?.seeded[service.name] === seedKeys[service.name],
    }
  })
  const chosen = closure(services, options.only)
  const steps = diff({
    cluster: spec.id,
    nodes: nodes.filter((node) => chosen.some((service) => service.name === node.service)),
    services: chosen,
    observed: options.only ? { ...observed, nodes: onlyNodes(observed, nodes, chosen) } : observed,
    previous,
    recreate: options.recreate ?? false,
  })
  return { nodes, plan: steps, seedKeys }
}

function definitionOf(definitions: ReadonlyMap<string, ServiceDefinition>, service: ServiceSpec): ServiceDefinition {
  const definition = definitions.get(service.kind)
  if (!definition) throw new DevclusterError('INTERNAL', `no definition of kind ${service.kind}`)
  return definition
}

/** The named services and everything they need; all of them without names. */
function closure(services: readonly PlannedService[], only: readonly string[] | undefined): PlannedService[] {
  if (!only || only.length === 0) return [...services]
  const chosen = new Set<string>()
  const visit = (name: string) => {
    const service = services.find((candidate) => candidate.name === name)
    if (!service) {
      throw new DevclusterError('NODE_NOT_FOUND', `the cluster file has no service ${name}`, {
        hint: `services: ${services.map((s) => s.name).join(', ')}`,
      })
    }
    if (chosen.has(name)) return
    chosen.add(name)
    for (const need of service.needs) visit(need)
  }
  for (const name of only) visit(name)
  return services.filter((service) => chosen.has(service.name))
}

function onlyNodes(observed: Observed, nodes: readonly NodeSpec[], chosen: readonly PlannedService[]): Observed['nodes'] {
  const ids = new Set(nodes.filter((node) => chosen.some((service) => service.name === node.service)).map((node) => node.id))
  return Object.fromEntries(Object.entries(observed.nodes).filter(([id]) => ids.has(id)))
}

/** Same key: nothing that is seeded can have changed. Size and time stand for a file's content; the service itself compares hashes. */
function seedKey(service: ServiceSpec, definition: ServiceDefinition): string {
  const hash = createHash('sha256').update(JSON.stringify(service.options))
  for (const path of definition.filePaths ?? []) {
    for (const file of valuesAt(service.options, path)) {
      if (typeof file !== 'string') continue
      const stat = statSync(file, { throwIfNoEntry: false })
      hash.update(`\0${file}\0${stat?.size ?? -1}\0${stat?.mtimeMs ?? -1}`)
    }
  }
  return hash.digest('hex').slice(0, 32)
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [key, ...rest] = path
  if (key === undefined) return [value]
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value)
  return entries.filter(([name]) => key === '*' || name === key).flatMap(([, child]) => valuesAt(child, rest))
}
