// The plug-in contract. The core knows no service by name; a service is one folder with a default export of this type.
import type { z } from 'zod'
import type { Explained, NodeDraft, NodeSpec, Via } from './node.ts'
import type { Address, Placement } from './placement.ts'
import type { Probe } from './probe.ts'
import type { NodeExit } from './runtime.ts'
import type { NodeShape } from './shape.ts'
import type { ClusterSpec, ServiceSpec } from './spec.ts'

/** A semantic finding inside one service's options; config/ adds file, line and caret from `path`. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Path below the service's entry: `['topics', 'orders', 'replicas']`. */
  readonly path: readonly (string | number)[]
  /** Point at the key instead of the value. */
  readonly at?: 'key' | 'value'
  readonly message: string
  readonly hint?: string
  /** Default CONFIG_INVALID; VERSION_UNAVAILABLE and RUNTIME_UNSUPPORTED are the others in use. */
  readonly code?: 'CONFIG_INVALID' | 'VERSION_UNAVAILABLE' | 'RUNTIME_UNSUPPORTED'
}

/** A reference to another service by name, found in the options. */
export interface Reference {
  readonly path: readonly (string | number)[]
  readonly name: string
  /** Kinds that are acceptable there; empty = any. */
  readonly kinds: readonly string[]
}

export interface RenderContext<O = unknown> {
  readonly cluster: ClusterSpec
  readonly service: ServiceSpec<O>
  /** Nodes of all services. */
  readonly shapes: readonly NodeShape[]
  readonly placement: Placement
  readonly via: Via
}

/** A service whose nodes are known; what probes, seeds and actions get. */
export interface ServiceContext<O = unknown> {
  readonly cluster: ClusterSpec
  readonly service: ServiceSpec<O>
  /** This service's nodes. */
  readonly nodes: readonly NodeSpec[]
  /** All nodes of the cluster. */
  readonly all: readonly NodeSpec[]
  /** Node id -> epoch ms at which it was started just now; what others knew of it before is about a process that is gone. */
  readonly startedAt?: ReadonlyMap<string, number>
}

/** How an application reaches a service. */
export interface Endpoint {
  /** Env suffix: BOOTSTRAP_SERVERS, CONNECT, URL, URLS, USERNAME, PASSWORD, MANAGEMENT_URL, ADDRESS. */
  readonly name: string
  readonly host: string
  /** The same from a container on the cluster's network; undefined as processes. */
  readonly container?: string
  readonly secret: boolean
  /** Spring property that it fills, where there is one. */
  readonly spring?: string
}

/** Small facts a service remembers between runs (topic ids, content hashes); kept in the cluster's state, per service. */
export interface SeedMemory {
  get(key: string): Readonly<Record<string, string | number | boolean>> | undefined
  put(key: string, value: Readonly<Record<string, string | number | boolean>>): Promise<void>
  delete(key: string): Promise<void>
}

export interface SeedProgress {
  /** `topics`, `orders (12,000 of 100,000 records)`. */
  readonly what: string
  readonly done: number
  readonly total?: number
  readonly unit: 'records' | 'items' | 'bytes'
}

export interface SeedContext<O = unknown> extends ServiceContext<O> {
  readonly memory: SeedMemory
  readonly signal: AbortSignal
  readonly report: (progress: SeedProgress) => void
  readonly warn: (message: string) => void
  /** Recreate what was seeded before (`seed --fresh`). */
  readonly fresh: boolean
}

export interface SeedSummary {
  /** One line per thing done: `created topic orders`, `7,406 records into movies`. Empty: nothing to do. */
  readonly done: readonly string[]
  readonly records: number
}

/** Declared things of a service and their records. */
export interface Seeding<O = unknown> {
  /** Anything declared at all? (decides whether the plan has seed steps) */
  declares(service: ServiceSpec<O>): boolean
  /** Reads and checks seed files while nodes boot; needs no node. Throws SEED_INVALID with file:line:column. */
  check(service: ServiceSpec<O>, options: { signal: AbortSignal; report: (progress: SeedProgress) => void }): Promise<void>
  /** Creates or alters what is declared, waits until it serves, sends records. Idempotent. */
  apply(context: SeedContext<O>): Promise<SeedSummary>
  /** Back to the seeded state over the wire. */
  reset(context: SeedContext<O>): Promise<SeedSummary>
}

/** A command a service adds to the command line by name (`topics`, `produce`, `consume`); cli/ looks it up by name, not by kind. */
export type ServiceAction<O = unknown> = (context: ServiceContext<O>, request: ActionRequest) => Promise<number>

export interface ActionRequest {
  readonly args: readonly string[]
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly signal: AbortSignal
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined }
  /** Writes to stdout; resolves when the consumer has room. */
  readonly write: (text: string | Uint8Array) => Promise<void>
  /** A line for people, to stderr. */
  readonly note: (line: string) => void
  readonly json: boolean
}

/** A known failure: what it looks like, what it means, what helps. Matched against log lines, probe answers and exits, first match wins. */
export interface Cause {
  /** Stable, upper snake: CLUSTER_ID_MISMATCH. */
  readonly id: string
  readonly match: (evidence: Evidence) => CauseText | undefined
  /** Waiting longer cannot help: seen in the log of a node that still runs, it ends the wait. */
  readonly hopeless?: true
}

export interface CauseText {
  /** What is wrong, one sentence. */
  readonly cause: string
  /** What helps, one sentence or command. */
  readonly remedy: string
}

/** What is known of a node that failed. */
export interface Evidence {
  readonly node: NodeSpec
  /** Of its present run; oldest first, at most a few hundred. */
  readonly log: readonly string[]
  readonly lastWhy?: string
  readonly exit?: NodeExit
  readonly others: readonly { readonly node: string; readonly state: string }[]
  /** The disk that holds the cluster's state, where known. */
  readonly disk?: { readonly path: string; readonly full: boolean }
}

/** `O` is the schema's output. */
// oxlint-disable-next-line typescript/no-explicit-any -- a registry holds definitions of different option types
export interface ServiceDefinition<O = any> {
  readonly kind: string
  readonly summary: string
  readonly runs: readonly Via[]
  /** Options of this kind, without the common keys (kind, needs, profiles, image, env, resources, volumes, debug). Strict object; defaults inside; descriptions become hover text. */
  readonly schema: z.ZodType<O>
  /** Paths (with `*`) of options that are file names relative to the file they are written in; config/ makes them absolute and checks that they exist. */
  readonly filePaths?: readonly (readonly string[])[]
  /** `existing`: names and kinds of all services, implied ones included (a reference may default to the only one of a kind). */
  references?(options: O, existing: readonly { name: string; kind: string }[]): readonly Reference[]
  /** Services this one needs that the file does not mention, as raw entries (`{ zookeeper: { kind: 'zookeeper' } }`); called with the names and kinds that exist. */
  implies?(
    service: ServiceSpec<O>,
    existing: readonly { name: string; kind: string }[],
  ): Readonly<Record<string, { kind: string; options: Record<string, unknown> }>>
  check?(service: ServiceSpec<O>, cluster: ClusterSpec): readonly Finding[]
  shape(service: ServiceSpec<O>, cluster: ClusterSpec): readonly NodeShape[]
  render(node: NodeShape, context: RenderContext<O>): NodeDraft
  endpoints(context: ServiceContext<O>): readonly Endpoint[]
  /** One node: reachable, and sees all nodes of its service. */
  probe(node: NodeSpec, context: ServiceContext<O>): Probe
  /** The service as a whole: usable (leader known, coordinator answers). */
  usable?(context: ServiceContext<O>): Probe
  /** How long a node may take to become ready before NOT_READY, ms. */
  readonly readyWithinMs: number
  readonly seeding?: Seeding<O>
  /** Called before a node with old data is started while its process is proven dead and others of the service run (tells the others to forget it). Best effort. */
  beforeRestart?(node: NodeSpec, context: ServiceContext<O>, signal: AbortSignal): Promise<void>
  readonly actions?: Readonly<Record<string, ServiceAction<O>>>
  /** One shell command a person copies after `up` that shows data. */
  tryIt?(context: ServiceContext<O>): string | undefined
  /** Rows for `status` beside state (version, mode). */
  describe?(service: ServiceSpec<O>): string
  readonly causes?: readonly Cause[]
}

/** Identity function that types a definition. */
export function defineService<O>(definition: ServiceDefinition<O>): ServiceDefinition<O> {
  return definition
}

/** Address of a node's port from the host; throws when it is not published. */
export function hostAddress(node: NodeSpec, port: string): Address {
  const place = node.place.ports[port]
  if (!place?.host) throw new Error(`${node.id} publishes no port called ${port}`)
  return place.host
}

export type { Explained }
