// What the user wants, complete and defaulted: the result of config/. Holds no addresses, no pids, no container names.

/** Limits of one node. */
export interface Resources {
  /** Bytes; docker: a hard memory limit; process: the service derives heap from it. */
  readonly memoryBytes?: number
  /** Cores, may be fractional. */
  readonly cpus?: number
}

/** One entry of `services:` after validation. `O` is the service's own options type (its schema's output). */
export interface ServiceSpec<O = unknown> {
  readonly name: string
  readonly kind: string
  /** The service's own options, validated and defaulted by its schema. Paths in it are absolute. */
  readonly options: O
  /** Names of services that must be ready first: inferred from references, plus the file's `needs`. */
  readonly needs: readonly string[]
  /** Image that replaces the catalogue's, as written in the file. */
  readonly image?: string
  readonly env: Readonly<Record<string, string>>
  readonly resources: Resources
  /** `host:container[:ro]` binds, docker only. */
  readonly volumes: readonly string[]
  /** First JVM debug port, or undefined. */
  readonly debug?: number
  /** True where the file does not mention it and another service implied it (plan shows it). */
  readonly implied: boolean
}

/** One cluster: what one file describes. Frozen and JSON-serialisable. */
export interface ClusterSpec {
  /** `<name>-<8 hex of SHA-256 of the real path of the first file's folder>`, or a random id for a cluster without a file. */
  readonly id: string
  /** `[a-z0-9][a-z0-9-]{0,30}` */
  readonly name: string
  /** Folder of the first file, absolute; undefined for a cluster given as an object. */
  readonly dir?: string
  /** Files it was read from, absolute, in order of precedence (extends first). Includes `.env` when it was used. */
  readonly files: readonly string[]
  readonly runtime: 'auto' | 'docker' | 'process'
  /** Host address that published ports bind to; 127.0.0.1 unless the file says otherwise (`bind:`). */
  readonly bind: string
  /** True when the file itself has `bind:` (a remote engine demands it, REMOTE_BIND). */
  readonly bindIsExplicit: boolean
  /** Registry host -> replacement host[/path] used for pulls, from `mirrors:`. */
  readonly mirrors: Readonly<Record<string, string>>
  readonly services: readonly ServiceSpec[]
}
