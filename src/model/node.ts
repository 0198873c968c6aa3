// A node ready to be started: launch, env, files, limits and a fingerprint. Plain data; probes live in the service definition.
import type { NodePlace } from './placement.ts'
import type { NodeShape } from './shape.ts'
import type { Resources } from './spec.ts'

/** Files of a distribution from a Maven repository, pinned. */
export interface MavenArtifact {
  /** `group:artifact:version[:packaging[:classifier]]` */
  readonly coordinate: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** Software that a process needs. The id names it in the cache and in messages: `kafka-4.3.1`. */
export type Distribution =
  | { readonly from: 'maven'; readonly id: string; readonly artifacts: readonly MavenArtifact[] }
  /** Found on PATH; `hint` is the one exact command that would install it. */
  | { readonly from: 'path'; readonly id: string; readonly program: string; readonly hint: string }

/** A throw-away run of the same class path and flags that makes the start-up archive: placeholders {dir}, {port1}, {port2} in paths, contents and args. */
export interface Training {
  /** Files put under {dir}, an empty temporary folder; in `{ base64 }` nothing is replaced. */
  readonly files: readonly { readonly path: string; readonly content: string | { readonly base64: string } }[]
  readonly args: readonly string[]
  /** Flags of the run alone, such as where its log goes: they must not decide about the archive. */
  readonly jvmArgs?: readonly string[]
  /** Text of the log line after which the run has loaded what matters and is ended. */
  readonly readyLog: string
}

/** What a process runs: a Java main class on its distribution's class path (in the artifacts' order), or a program. */
export type Program =
  | {
      readonly type: 'java'
      readonly minVersion: number
      readonly mainClass: string
      readonly jvmArgs: readonly string[]
      readonly args: readonly string[]
      /** Use and make a start-up archive (AppCDS or AOT cache) for this class path and flags. */
      readonly archive: boolean
      readonly training?: Training
    }
  | { readonly type: 'native'; readonly args: readonly string[] }

export interface ContainerLaunch {
  readonly via: 'container'
  readonly image: string
  /** Replaces the image's entrypoint when given. */
  readonly entrypoint?: readonly string[]
  /** Replaces the image's command when given. */
  readonly argv?: readonly string[]
  readonly user?: string
}

export interface ProcessLaunch {
  readonly via: 'process'
  readonly distribution: Distribution
  readonly program: Program
}

export type Launch = ContainerLaunch | ProcessLaunch
export type Via = Launch['via']

/** A file placed before start. */
export interface RenderedFile {
  /** Directory it belongs to. `data` files are written only where absent, and only by the process runtime (containers copy them in their own start script). */
  readonly dir: 'config' | 'data'
  /** Relative, no `..`. */
  readonly path: string
  readonly content: string | { readonly base64: string }
  /** Octal permission bits, default 0o644. Secrets 0o600 (the docker runtime then gives it to the container's user). */
  readonly mode?: number
}

/** A tool that comes with a node, run by `exec NODE -- name args`. */
export type NodeCommand = { readonly env?: Readonly<Record<string, string>>; readonly defaults?: DefaultArguments } & (
  | { readonly via: 'container'; readonly argv: readonly string[] }
  | { readonly via: 'process'; readonly distribution: Distribution; readonly program: Program }
)

/** What a tool is given when the caller does not say it: the address of the node it runs beside. */
export interface DefaultArguments {
  readonly args: readonly string[]
  /** Options that say it already. */
  readonly unless: readonly string[]
  /** Behind the caller's arguments: for tools whose sub-command owns the option. Default: in front. */
  readonly behind?: true
}

/** One setting, its value and where it comes from; `plan --explain` prints it. */
export interface Explained {
  readonly setting: string
  readonly value: string
  readonly origin: 'file' | 'tuning' | 'derived' | 'default'
  readonly why: string
}

/** What a service renders for one node. */
export interface NodeDraft {
  readonly launch: Launch
  readonly env: Readonly<Record<string, string>>
  readonly files: readonly RenderedFile[]
  readonly stop: { readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'; readonly graceMs: number }
  readonly commands: Readonly<Record<string, NodeCommand>>
  readonly explain: readonly Explained[]
  readonly resources: Resources
  readonly volumes: readonly string[]
  /** Settings whose change cannot be applied to existing data (mode, layout, a lower version): a differing value is RECREATE_NEEDED. */
  readonly identity: Readonly<Record<string, string>>
  /** Facts probes and seeds need later without rendering again (node number, listener names). JSON only. */
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** A node ready to be started; JSON-serialisable. */
export interface NodeSpec extends NodeDraft {
  readonly id: string
  readonly service: string
  readonly kind: string
  readonly role: string
  readonly index: number
  readonly shape: NodeShape
  readonly place: NodePlace
  /** Hash of everything above except `explain` and `commands`: differs -> the node must be restarted with the new spec. */
  readonly fingerprint: string
}
