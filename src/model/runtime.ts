// The seam to the outside world. Two real runtimes and a fake implement it and pass one conformance suite (test/conformance).
// Timeouts, retries, probe loops, ordering and events are the engine's, never a runtime's.
import type { NodeSpec, Via } from './node.ts'
import type { Placement } from './placement.ts'
import type { NodeShape } from './shape.ts'
import type { ClusterSpec } from './spec.ts'

/** What a runtime must know of a cluster to find or make its objects. Everything carries `id`; removing by `id` alone removes all. */
export interface ClusterRef {
  readonly id: string
  readonly name: string
  /** `$STATE/clusters/<id>`, exists, 0700. */
  readonly stateDir: string
  /** Owner of an ephemeral cluster: when it is gone, the runtime ends everything by itself. Undefined: persistent. */
  readonly owner?: OwnerRef
  readonly bind: string
  readonly mirrors: Readonly<Record<string, string>>
}

/** A process that cannot be confused with a later one of the same pid. */
export interface OwnerRef {
  readonly pid: number
  /** Start time in clock ticks since boot (Linux /proc/<pid>/stat field 22) or the platform's nearest; opaque text. */
  readonly startedAt: string
  readonly command: string
}

/** How a node ended. */
export interface NodeExit {
  readonly node: string
  /** Epoch ms. */
  readonly at: number
  readonly code: number | null
  readonly signal: string | null
  /** True when a memory limit killed it (engine's OOMKilled, cgroup's oom_kill). */
  readonly outOfMemory: boolean
  /** Highest resident memory seen, bytes, where known. */
  readonly maxRssBytes?: number
  /** True when devcluster itself stopped or killed it. */
  readonly expected: boolean
}

export interface ObservedNode {
  readonly id: string
  readonly service: string
  /** `absent` nodes are not listed. `frozen`: paused. */
  readonly state: 'running' | 'frozen' | 'stopped'
  readonly fingerprint: string
  /** Ports it was given, by name: host ports, kept over kill and restart. */
  readonly hostPorts: Readonly<Record<string, number>>
  readonly exit?: NodeExit
  /** `pid 4711` or `container 3f2a...`: for people. */
  readonly handle: string
  /** The stand-in label of its image, if any. */
  readonly standIn: boolean
}

/** A cluster that a runtime found by what runs or remains of it. */
export interface ListedByRuntime {
  readonly id: string
  readonly name: string
  /** Where its state was when it was started, if what was found tells it. */
  readonly stateDir?: string
  readonly nodes: readonly ObservedNode[]
}

/** What exists now of one cluster. */
export interface Observed {
  readonly nodes: Readonly<Record<string, ObservedNode>>
  /** Node ids whose data exists (with or without the node). */
  readonly data: readonly string[]
}

export interface RuntimeInfo {
  readonly name: string
  /** `Docker Engine 28.1 (linux/amd64) at unix:///var/run/docker.sock`, `processes on linux/x64, Java 17.0.15`. */
  readonly description: string
  /** True when the engine runs on another machine. */
  readonly remote: boolean
}

export interface FetchProgress {
  readonly what: string
  readonly doneBytes: number
  readonly totalBytes?: number
}

export interface LogLine {
  readonly node: string
  /** Epoch ms where known. */
  readonly at?: number
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export interface ExecOptions {
  readonly signal?: AbortSignal
  readonly env?: Readonly<Record<string, string>>
  /** Bytes for stdin, or the caller's own stdin. */
  readonly input?: string | Uint8Array | { readonly inherit: true }
  readonly onStdout?: (chunk: Uint8Array) => void
  readonly onStderr?: (chunk: Uint8Array) => void
}

export interface ExecResult {
  readonly exitCode: number
  /** Empty when the matching callback was given. */
  readonly stdout: string
  readonly stderr: string
}

export interface NodeStats {
  readonly node: string
  /** CPU seconds used since start. */
  readonly cpuSeconds: number
  readonly rssBytes: number
}

export interface StopHow {
  /** `graceful`: the node's stop signal, then after `graceMs` a kill. `kill`: SIGKILL at once. */
  readonly style: 'graceful' | 'kill'
  readonly graceMs: number
}

export interface LogOptions {
  readonly follow: boolean
  /** Last n lines first; undefined = all. */
  readonly tail?: number
  /** Only lines at or after this epoch ms. */
  readonly sinceMs?: number
  readonly signal?: AbortSignal
}

export interface PullOptions {
  readonly always: boolean
}

export interface Runtime {
  readonly name: 'docker' | 'process' | 'fake'
  readonly via: Via
  /** Usable? Throws RUNTIME_UNAVAILABLE with a hint when not. */
  check(signal: AbortSignal): Promise<RuntimeInfo>
  /** Chooses addresses and directories: keeps ports of `observed` nodes and of `previous`, honours fixed ones (PORT_TAKEN names the owner), else takes free ones. */
  place(
    cluster: ClusterRef,
    spec: ClusterSpec,
    shapes: readonly NodeShape[],
    known: {
      observed: Observed
      previous?: Placement
      /** False: only chooses, and leaves nothing behind that would keep others off these ports. Default true. */
      claim?: boolean
    },
  ): Promise<Placement>
  observe(cluster: ClusterRef): Promise<Observed>
  /**
   * Nodes of the cluster will be started soon: what takes time and leaves no trace may begin while the caller goes on planning.
   * Its folder exists. @returns to be called when no more will be started; it takes back what was not needed
   */
  anticipate?(cluster: ClusterRef): () => Promise<void>
  /** Every cluster of this user that has anything here, by id and name: lost state is rebuilt from it. */
  list(): Promise<readonly ListedByRuntime[]>
  /** Image or distribution of these nodes. Resumable, verified, idempotent. */
  fetch(
    cluster: ClusterRef,
    nodes: readonly NodeSpec[],
    options: PullOptions,
    signal: AbortSignal,
    onProgress: (p: FetchProgress) => void,
  ): Promise<void>
  /** Creates if needed (network, volume, container; directories, files, process) and runs it. Idempotent: a running node with this fingerprint is left alone. */
  start(cluster: ClusterRef, node: NodeSpec, signal: AbortSignal): Promise<void>
  /** Content when it does not run. Resolves when the node is proven dead. */
  stop(cluster: ClusterRef, node: NodeSpec, how: StopHow): Promise<void>
  freeze(cluster: ClusterRef, node: NodeSpec): Promise<void>
  thaw(cluster: ClusterRef, node: NodeSpec): Promise<void>
  /** Removes a stopped or running node (killed first); its data only when `keepData` is false. */
  remove(cluster: ClusterRef, nodeId: string, options: { keepData: boolean }): Promise<void>
  exec(cluster: ClusterRef, node: NodeSpec, argv: readonly string[], options: ExecOptions): Promise<ExecResult>
  logs(cluster: ClusterRef, nodeId: string, options: LogOptions): AsyncIterable<LogLine>
  stats(cluster: ClusterRef, nodeId: string): Promise<NodeStats>
  /** Ends of nodes from now on, until the signal aborts. Used to end a wait at once. */
  exits(cluster: ClusterRef, signal: AbortSignal): AsyncIterable<NodeExit>
  /** Kills and removes everything that carries the id: nodes, network, volumes, supervisor, directories (data kept on demand). Needs no spec and no state. */
  destroy(cluster: ClusterRef, options: { keepData: boolean }): Promise<{ removed: readonly string[] }>
  /** What a person should know of nodes that run nevertheless (a damaged start-up archive was thrown away). Asked once after an `up` that changed something. */
  notices?(cluster: ClusterRef): Promise<readonly { readonly node: string; readonly message: string }[]>
  /** After the cluster is ready: background work that makes the next start faster (start-up archives). Returns at once; `destroy` ends it. */
  warm?(cluster: ClusterRef, nodes: readonly NodeSpec[]): Promise<void>
}
