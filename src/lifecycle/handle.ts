// The public handle of a running cluster: endpoints, env, nodes, status, logs, seeds, stop and destroy. Looks and acts; plans nothing.
import { apply } from '../engine/apply.ts'
import { createEmitter, type Emit } from '../engine/emit.ts'
import { camelName, endpointsOf } from '../engine/environment.ts'
import { watchExits } from '../engine/exits.ts'
import { lockFile } from '../engine/look.ts'
import { refOf, removeState, SeedMemories, type StoredCluster } from '../engine/state.ts'
import { runStep, serviceContext } from '../engine/step.ts'
import { stopGroups, stopNode, stopNodes } from '../engine/teardown.ts'
import { DevclusterError } from '../errors.ts'
import type { Reporter } from '../model/event.ts'
import type { NodeSpec } from '../model/node.ts'
import type { Plan, Step } from '../model/plan.ts'
import type { ClusterRef, ExecOptions, ExecResult, LogLine, LogOptions, NodeStats, Runtime } from '../model/runtime.ts'
import type { SeedSummary, ServiceContext, ServiceDefinition } from '../model/service.ts'
import { waitForLock } from '../util/lock.ts'
import { writingState } from '../util/unwritable.ts'
import { type ClusterStatus, statusOf } from './status.ts'

export interface HandleParts {
  readonly stored: StoredCluster
  readonly runtime: Runtime
  readonly definitions: ReadonlyMap<string, ServiceDefinition>
  readonly onEvent?: Reporter | undefined
}

/** One node of a cluster. Every method resolves when what it says is so. */
export interface NodeHandle {
  readonly id: string
  readonly service: string
  readonly role: string
  /** Clean stop with the node's own signal and grace period; its data stays. */
  stop(): Promise<void>
  /** SIGKILL; its data stays. */
  kill(): Promise<void>
  /** Starts it again on the same ports and data and waits until it is ready; `wait: false` only starts it. */
  start(options?: { wait?: boolean; signal?: AbortSignal }): Promise<void>
  restart(options?: { signal?: AbortSignal }): Promise<void>
  pause(): Promise<void>
  resume(options?: { wait?: boolean }): Promise<void>
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  logs(options?: Partial<LogOptions>): AsyncIterable<LogLine>
  stats(): Promise<NodeStats>
}

const CONTROL_LOCK_WITHIN_MS = 60_000

/** A cluster that is up. Destroyed by `await using` when it is ephemeral. */
export class Cluster implements AsyncDisposable {
  readonly id: string
  readonly name: string
  /** `docker` or `process`. */
  readonly runtime: string
  /** Service name -> endpoint name in camel case -> value from the host: `endpoints.kafka.bootstrapServers`. */
  readonly endpoints: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly #parts: HandleParts
  readonly #ref: ClusterRef
  readonly #emit: Emit

  constructor(parts: HandleParts) {
    const { stored } = parts
    this.#parts = parts
    this.id = stored.id
    this.name = stored.name
    this.runtime = stored.runtime
    this.#ref = refOf(stored.spec, stored.owner)
    this.#emit = createEmitter(stored.id, parts.onEvent)
    const endpoints = endpointsOf(stored.spec, stored.nodes, parts.definitions)
    this.endpoints = Object.fromEntries(
      Object.entries(endpoints).map(([service, list]) => [
        service,
        Object.fromEntries(list.map((endpoint) => [camelName(endpoint.name), endpoint.host])),
      ]),
    )
  }

  /** Flat connection settings, as `KAFKA_BOOTSTRAP_SERVERS`, for a client on the host or on the cluster's network. */
  env(from: 'host' | 'container' = 'host'): Record<string, string> {
    return { ...this.#parts.stored.env[from] }
  }

  /** Ids of all nodes. */
  get nodes(): readonly string[] {
    return this.#parts.stored.nodes.map((node) => node.id)
  }

  /** @throws NODE_NOT_FOUND listing the nodes */
  node(id: string): NodeHandle {
    return this.#nodeHandle(this.#spec(id))
  }

  /** A node id or a service name -> node ids. @throws NODE_NOT_FOUND */
  targets(name: string | undefined): readonly string[] {
    if (name === undefined) return this.nodes
    const byService = this.#parts.stored.nodes.filter((node) => node.service === name).map((node) => node.id)
    return byService.length > 0 && !this.nodes.includes(name) ? byService : [this.#spec(name).id]
  }

  /** What runs, and what is ready, by handshake with every node. */
  status(options: { signal?: AbortSignal } = {}): Promise<ClusterStatus> {
    return statusOf(this.#parts, this.#ref, options.signal)
  }

  /** What a service's own functions need; for tools built on this library. */
  service(name: string): { context: ServiceContext; definition: ServiceDefinition } {
    const context = serviceContext(this.#parts.stored.spec, this.#parts.stored.nodes, name)
    const definition = this.#parts.definitions.get(context.service.kind)
    if (!definition) throw new DevclusterError('INTERNAL', `no definition of kind ${context.service.kind}`)
    return { context, definition }
  }

  get services(): readonly { name: string; kind: string }[] {
    return this.#parts.stored.spec.services.map(({ name, kind }) => ({ name, kind }))
  }

  /** Lines of one or several nodes, interleaved as they come. */
  async *logs(targets: readonly string[], options: Partial<LogOptions> = {}): AsyncIterable<LogLine> {
    const ids = targets.length === 0 ? this.nodes : [...new Set(targets.flatMap((target) => this.targets(target)))]
    const { interleave } = await import('./interleave.ts')
    yield* interleave(ids.map((id) => this.#parts.runtime.logs(this.#ref, id, { follow: false, ...options })))
  }

  /** Waits until the named node or service (default: everything) is ready. @throws NOT_READY, NODE_EXITED */
  async wait(target?: string, options: { withinMs?: number; signal?: AbortSignal } = {}): Promise<void> {
    const ids = this.targets(target)
    const services = new Set(this.#parts.stored.nodes.filter((node) => ids.includes(node.id)).map((node) => node.service))
    const whole = target === undefined || !this.nodes.includes(target)
    const steps: Step[] = ids.map((id) => look(`wait ${id}`, { do: 'wait', node: id }))
    if (whole)
      for (const name of services)
        steps.push({ ...look(`usable ${name}`, { do: 'usable', service: name }), needs: ids.map((id) => `wait ${id}`) })
    await this.#apply(steps, options.signal, options.withinMs)
  }

  /** Seeds again what is declared; `fresh` recreates what was seeded. */
  async seed(options: { services?: readonly string[]; fresh?: boolean; signal?: AbortSignal } = {}): Promise<Record<string, SeedSummary>> {
    return this.#seeding('apply', options)
  }

  /** Back to the seeded state over the wire, without a restart. */
  async reset(options: { services?: readonly string[]; signal?: AbortSignal } = {}): Promise<Record<string, SeedSummary>> {
    return this.#seeding('reset', options)
  }

  /** Clean stop of everything (brokers before controllers); nodes and data stay. */
  async stop(): Promise<void> {
    await this.#locked(() => stopNodes(this.#parts.runtime, this.#ref, this.#parts.stored.nodes, this.#emit))
  }

  /** Stop or kill several nodes in their order. */
  async stopNodes(ids: readonly string[], style: 'graceful' | 'kill'): Promise<void> {
    const nodes = this.#parts.stored.nodes.filter((node) => ids.includes(node.id))
    for (const group of stopGroups(nodes)) {
      await Promise.all(group.map((node) => stopNode(this.#parts.runtime, this.#ref, node, { style, emit: this.#emit })))
    }
  }

  /** Starts several nodes at once and waits until all are ready. */
  async startNodes(ids: readonly string[], options: { signal?: AbortSignal } = {}): Promise<void> {
    const steps = ids.flatMap((id): Step[] => [
      { id: `start ${id}`, op: { do: 'start', node: id, rejoin: true }, because: 'asked for', needs: [], changes: true },
      { ...look(`wait ${id}`, { do: 'wait', node: id }), needs: [`start ${id}`] },
    ])
    await this.#apply(steps, options.signal)
  }

  /** Removes nodes and data, network, folders: nothing is left. */
  async destroy(options: { keepData?: boolean } = {}): Promise<{ removed: readonly string[] }> {
    return this.#locked(async () => {
      const { runtime, stored } = this.#parts
      // Data that stays must be closed properly, so that the next start has nothing to recover.
      if (options.keepData) await stopNodes(runtime, this.#ref, stored.nodes, this.#emit)
      const { removed } = await runtime.destroy(this.#ref, { keepData: options.keepData ?? false })
      return { removed: [...removed, ...(await removeState(stored.id, { keepData: options.keepData ?? false }))] }
    })
  }

  /** Ephemeral clusters are destroyed; persistent ones stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#parts.stored.owner) await this.destroy()
  }

  #spec(id: string): NodeSpec {
    const node = this.#parts.stored.nodes.find((candidate) => candidate.id === id)
    if (node) return node
    throw new DevclusterError('NODE_NOT_FOUND', `${this.id} has no node or service ${id}`, { hint: `nodes: ${this.nodes.join(', ')}` })
  }

  #nodeHandle(node: NodeSpec): NodeHandle {
    const { runtime } = this.#parts
    const ref = this.#ref
    const start = async (options: { wait?: boolean; signal?: AbortSignal } = {}) => {
      if (options.wait ?? true) await this.startNodes([node.id], options)
      else
        await this.#apply(
          [{ id: `start ${node.id}`, op: { do: 'start', node: node.id, rejoin: true }, because: 'asked for', needs: [], changes: true }],
          options.signal,
        )
    }
    const stop = (style: 'graceful' | 'kill') => stopNode(runtime, ref, node, { style, emit: this.#emit })
    return {
      id: node.id,
      service: node.service,
      role: node.role,
      stop: () => stop('graceful'),
      kill: () => stop('kill'),
      start,
      restart: async (options = {}) => {
        await stop('graceful')
        await start(options)
      },
      pause: () => runtime.freeze(ref, node),
      resume: async (options = {}) => {
        await runtime.thaw(ref, node)
        if (options.wait ?? true) await this.wait(node.id)
      },
      exec: (argv, options = {}) => runtime.exec(ref, node, argv, options),
      logs: (options = {}) => runtime.logs(ref, node.id, { follow: false, ...options }),
      stats: () => runtime.stats(ref, node.id),
    }
  }

  async #apply(steps: readonly Step[], signal: AbortSignal | undefined, readyWithinMs?: number): Promise<void> {
    const plan: Plan = { cluster: this.id, steps }
    const { runtime, stored, definitions } = this.#parts
    const exits = watchExits(runtime, this.#ref)
    const memories = await SeedMemories.open(this.id)
    const context = {
      runtime,
      ref: this.#ref,
      spec: stored.spec,
      nodes: stored.nodes,
      definitions,
      exits,
      emit: this.#emit,
      pull: { always: false },
      fresh: false,
      memoryOf: (service: string) => memories.of(service),
      startedAt: new Map<string, number>(),
      stays: true,
      ...(readyWithinMs === undefined ? {} : { readyWithinMs }),
    }
    try {
      await apply(plan, (step, stepSignal) => runStep(context, step, stepSignal), this.#emit, signal ?? new AbortController().signal)
    } finally {
      exits.close()
    }
  }

  async #seeding(
    how: 'apply' | 'reset',
    options: { services?: readonly string[]; fresh?: boolean; signal?: AbortSignal },
  ): Promise<Record<string, SeedSummary>> {
    return this.#locked(async () => {
      const { stored, definitions } = this.#parts
      const memories = await SeedMemories.open(this.id)
      const result: Record<string, SeedSummary> = {}
      for (const service of stored.spec.services) {
        if (options.services && options.services.length > 0 && !options.services.includes(service.name)) continue
        const seeding = definitions.get(service.kind)?.seeding
        if (!seeding || (how === 'apply' && !seeding.declares(service))) continue
        const signal = options.signal ?? new AbortController().signal
        const report = (progress: { what: string; done: number; total?: number; unit: 'records' | 'items' | 'bytes' }) =>
          this.#emit({
            type: 'step',
            step: `seed ${service.name}`,
            state: 'progress',
            message: progress.what,
            progress: { done: progress.done, unit: progress.unit, ...(progress.total === undefined ? {} : { total: progress.total }) },
          })
        await seeding.check(service, { signal, report })
        result[service.name] = await seeding[how]({
          ...serviceContext(stored.spec, stored.nodes, service.name),
          memory: memories.of(service.name),
          signal,
          report,
          warn: (message) => this.#emit({ type: 'warning', message }),
          fresh: options.fresh ?? false,
        })
      }
      return result
    })
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const path = lockFile(this.id)
    const attempt = await writingState(path, () => waitForLock(path, { withinMs: CONTROL_LOCK_WITHIN_MS }))
    if ('holder' in attempt) {
      throw new DevclusterError(
        'CLUSTER_LOCKED',
        `${this.id} is being changed by another devcluster: pid ${attempt.holder.pid} (${attempt.holder.command})`,
        { hint: 'wait for it, or end that process' },
      )
    }
    try {
      return await work()
    } finally {
      await attempt.lock.release()
    }
  }
}

function look(id: string, op: Step['op']): Step {
  return { id, op, because: 'asked for', needs: [], changes: false }
}
