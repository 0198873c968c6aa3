// Options and inputs of the public functions. Types only.
import type { Reporter } from '../model/event.ts'
import type { Runtime } from '../model/runtime.ts'
import type { ServiceDefinition } from '../model/service.ts'

/** A cluster given as an object: the same keys as the file. */
export interface ClusterObject {
  readonly version?: number
  readonly name?: string
  readonly runtime?: 'auto' | 'docker' | 'process'
  readonly bind?: string
  readonly mirrors?: Readonly<Record<string, string>>
  readonly extends?: string | readonly string[]
  /** Service name -> options; a service's kind is its name unless `kind` says otherwise. */
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>
}

/** Where a cluster's description comes from. Nothing: a cluster file upwards from `cwd`. */
export type ClusterSource = ClusterObject | string | readonly string[] | undefined

export interface LoadOptions {
  /** Folder that relative names start from; default: the process's. */
  readonly cwd?: string
  /** `services.kafka.brokers=5`, later ones win. */
  readonly set?: readonly string[]
  readonly profiles?: readonly string[]
  /** Environment used for interpolation; default: the process's. */
  readonly env?: NodeJS.ProcessEnv
  readonly runtime?: 'auto' | 'docker' | 'process'
  /** Overrides the id that the file's folder gives. */
  readonly id?: string
  /** Further service definitions. */
  readonly services?: readonly ServiceDefinition[]
  /** Replaces the runtimes, for tests of the core. */
  readonly runtimes?: RuntimeFactories
}

export interface RuntimeFactories {
  readonly docker: () => Promise<Runtime>
  readonly process: () => Promise<Runtime>
}

export interface PlanOptions extends LoadOptions {
  /** Allow what destroys data where the change cannot be applied to it. */
  readonly recreate?: boolean
  /** Only these services and what they need. */
  readonly only?: readonly string[]
  readonly signal?: AbortSignal
  readonly onEvent?: Reporter
}

export interface StartOptions extends PlanOptions {
  /** True: survives this process. Default false: everything ends when this process ends. */
  readonly persistent?: boolean
  /** `always` looks for newer images under the same reference. */
  readonly pull?: 'missing' | 'always'
  /** Leave nodes of a failed up as they are. */
  readonly keepOnFailure?: boolean
  /** How long to wait for another up of the same cluster, ms; default 300,000. */
  readonly lockTimeoutMs?: number
  /** Replaces each service's own limit for becoming ready, ms. */
  readonly readyWithinMs?: number
  /** Seed again from nothing. */
  readonly freshSeeds?: boolean
  /** Make start-up archives in the background once ready; default true for persistent clusters. */
  readonly warm?: boolean
}
