// Turns whatever the caller gave (nothing, file names, an object) into a validated spec, with the registry of services and runtimes.
import { randomBytes } from 'node:crypto'
import { type LoadInputs, loadSpec, requireSpec } from '../config/load.ts'
import type { ServiceDefinition } from '../model/service.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { builtinServices } from '../services/registry.ts'
import type { ClusterSource, LoadOptions, RuntimeFactories } from './options.ts'

export interface Loaded {
  readonly spec: ClusterSpec
  readonly inputs: LoadInputs
  readonly warnings: readonly string[]
  readonly definitions: readonly ServiceDefinition[]
  readonly runtimes: RuntimeFactories
  /** The resolved document, for `config`. */
  readonly tree: unknown
}

const RUNTIMES: RuntimeFactories = {
  docker: async () => (await import('../runtimes/docker/index.ts')).createDockerRuntime(),
  process: async () => (await import('../runtimes/process/index.ts')).createProcessRuntime(),
}

export function runtimeFactories(options: LoadOptions): RuntimeFactories {
  return options.runtimes ?? RUNTIMES
}

export function definitionsOf(options: LoadOptions): readonly ServiceDefinition[] {
  return [...builtinServices, ...(options.services ?? [])]
}

/** What loadSpec wants for a source. */
export function loadInput(source: ClusterSource, options: LoadOptions & { ephemeral?: boolean }): Parameters<typeof loadSpec>[0] {
  const files = typeof source === 'string' ? [source] : Array.isArray(source) ? source.map(String) : undefined
  const object = files || source === undefined ? undefined : source
  const env = options.env ?? process.env
  // An ephemeral cluster belongs to one run: two test runs in one folder must not meet.
  const id = options.id ?? (options.ephemeral ? `ephemeral-${randomBytes(4).toString('hex')}` : undefined)
  return {
    cwd: options.cwd ?? process.cwd(),
    env,
    ...(files ? { files } : {}),
    ...(object === undefined ? {} : { object }),
    ...(options.set ? { sets: options.set } : {}),
    ...(options.profiles ? { profiles: options.profiles } : {}),
    ...(options.runtime ? { runtime: options.runtime } : {}),
    ...(id ? { id } : {}),
  }
}

/** @throws CONFIG_NOT_FOUND, CONFIG_INVALID with all diagnostics */
export async function load(source: ClusterSource, options: LoadOptions & { ephemeral?: boolean }): Promise<Loaded> {
  const definitions = definitionsOf(options)
  const { spec, inputs, warnings, tree } = requireSpec(await loadSpec(loadInput(source, options), definitions))
  return { spec, inputs, warnings, tree, definitions, runtimes: runtimeFactories(options) }
}
