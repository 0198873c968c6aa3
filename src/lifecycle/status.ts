// What runs and what is ready, by one handshake per node. Changes nothing.
import type { StoredCluster } from '../engine/state.ts'
import { serviceContext } from '../engine/step.ts'
import { messageOf } from '../errors.ts'
import { formatAddress } from '../model/placement.ts'
import type { ClusterRef, NodeExit, Runtime } from '../model/runtime.ts'
import type { Cause, ServiceDefinition } from '../model/service.ts'

export interface NodeStatus {
  readonly id: string
  readonly service: string
  readonly kind: string
  readonly role: string
  readonly state: 'ready' | 'not ready' | 'paused' | 'stopped' | 'absent'
  /** Why it is not ready. */
  readonly why?: string
  /** `pid 4711`, `container 3f2a...`. */
  readonly handle?: string
  /** Published ports by name, `host:port`. */
  readonly ports: Readonly<Record<string, string>>
  readonly exit?: NodeExit
  readonly standIn: boolean
}

export interface ClusterStatus {
  readonly v: 1
  readonly id: string
  readonly name: string
  readonly runtime: string
  readonly ready: boolean
  readonly persistent: boolean
  readonly services: readonly {
    readonly name: string
    readonly kind: string
    readonly description: string
    readonly ready: boolean
    readonly why?: string
  }[]
  readonly nodes: readonly NodeStatus[]
}

/** Longest that one handshake may take, ms. */
const HANDSHAKE_MS = 2_000

export async function statusOf(
  parts: { stored: StoredCluster; runtime: Runtime; definitions: ReadonlyMap<string, ServiceDefinition> },
  ref: ClusterRef,
  signal: AbortSignal = new AbortController().signal,
): Promise<ClusterStatus> {
  const { stored, runtime, definitions } = parts
  const observed = await runtime.observe(ref)
  const nodes = await Promise.all(
    stored.nodes.map(async (node): Promise<NodeStatus> => {
      const seen = observed.nodes[node.id]
      const ports = Object.fromEntries(
        Object.entries(node.place.ports).flatMap(([name, place]) => (place.host ? [[name, formatAddress(place.host)]] : [])),
      )
      const base = {
        id: node.id,
        service: node.service,
        kind: node.kind,
        role: node.role,
        ports,
        standIn: seen?.standIn ?? false,
        ...(seen?.handle ? { handle: seen.handle } : {}),
        ...(seen?.exit ? { exit: seen.exit } : {}),
      }
      if (!seen) return { ...base, state: 'absent' }
      if (seen.state === 'stopped') return { ...base, state: 'stopped' }
      if (seen.state === 'frozen') return { ...base, state: 'paused' }
      const definition = definitions.get(node.kind)
      const verdict = definition
        ? await ask(definition.probe(node, serviceContext(stored.spec, stored.nodes, node.service)), signal)
        : { ready: false, why: `unknown kind ${node.kind}` }
      return verdict.ready ? { ...base, state: 'ready' } : { ...base, state: 'not ready', why: verdict.why ?? '' }
    }),
  )
  const services = await Promise.all(
    stored.spec.services.map(async (service) => {
      const definition = definitions.get(service.kind)
      const own = nodes.filter((node) => node.service === service.name)
      const description = definition?.describe?.(service) ?? service.kind
      const bad = own.filter((node) => node.state !== 'ready')
      if (bad.length > 0) {
        const why = bad.map((node) => (node.why ? `${node.id}: ${node.why}` : `${node.id} is ${node.state}`)).join('; ')
        const cause = causeOf(definition?.causes ?? [], bad, nodes, stored)
        return { name: service.name, kind: service.kind, description, ready: false, why: cause ?? why }
      }
      const verdict = definition?.usable
        ? await ask(definition.usable(serviceContext(stored.spec, stored.nodes, service.name)), signal)
        : { ready: true }
      return { name: service.name, kind: service.kind, description, ready: verdict.ready, ...(verdict.why ? { why: verdict.why } : {}) }
    }),
  )
  return {
    v: 1,
    id: stored.id,
    name: stored.name,
    runtime: stored.runtime,
    ready: services.every((service) => service.ready),
    persistent: stored.owner === undefined,
    services,
    nodes,
  }
}

/** A cause that shows without any log: which nodes are down says it all (a quorum without majority). */
function causeOf(
  causes: readonly Cause[],
  bad: readonly NodeStatus[],
  all: readonly NodeStatus[],
  stored: StoredCluster,
): string | undefined {
  for (const { id, why, exit } of bad) {
    const node = stored.nodes.find((candidate) => candidate.id === id)
    if (!node) continue
    const others = all.filter((other) => other.id !== id).map((other) => ({ node: other.id, state: stateOf(other) }))
    const evidence = { node, log: [], others, ...(why === undefined ? {} : { lastWhy: why }), ...(exit ? { exit } : {}) }
    const matched = causes.map((cause) => cause.match(evidence)).find((text) => text !== undefined)
    if (matched) return matched.cause
  }
  return undefined
}

/** As a runtime would say it: a node that is not ready runs. */
function stateOf({ state }: NodeStatus): string {
  return state === 'ready' || state === 'not ready' ? 'running' : state
}

async function ask(
  probe: (signal: AbortSignal) => Promise<{ ready: boolean; why?: string }>,
  signal: AbortSignal,
): Promise<{ ready: boolean; why?: string }> {
  try {
    return await probe(AbortSignal.any([signal, AbortSignal.timeout(HANDSHAKE_MS)]))
  } catch (error) {
    signal.throwIfAborted()
    return { ready: false, why: messageOf(error) }
  }
}
