// Turns whatever the caller gave (nothing, file names, an object) into a validated spec, with the registry of services and runtimes.
import { formatDiagnostics } from '../config/diagnostic.ts'
import { randomId } from '../config/identity.ts'
import type { LoadInputs } from '../config/inputs.ts'
import { loadSpec, requireSpec } from '../config/load.ts'
import type { ServiceDefinition } from '../model/service.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { builtinServices } from '../services/registry.ts'
import type { ClusterSource, LoadOptions, RuntimeFactories } from './options.ts'
import { runtimeFactories } from './runtimes.ts'

export { runtimeFactories }

export interface Loaded {
  readonly spec: ClusterSpec
  readonly inputs: LoadInputs
  readonly warnings: readonly string[]
  readonly definitions: readonly ServiceDefinition[]
  readonly runtimes: RuntimeFactories
  /** The resolved document, for `config`. */
  readonly tree: unknown
}

export function definitionsOf(options: LoadOptions): readonly ServiceDefinition[] {
  return [...builtinServices, ...(options.services ?? [])]
}

/** What loadSpec wants for a source. */
export function loadInput(source: ClusterSource, options: LoadOptions): Parameters<typeof loadSpec>[0] {
  const files = typeof source === 'string' ? [source] : Array.isArray(source) ? source.map(String) : undefined
  const object = files || source === undefined ? undefined : source
  const env = options.env ?? process.env
  return {
    cwd: options.cwd ?? process.cwd(),
    env,
    ...(files ? { files } : {}),
    ...(object === undefined ? {} : { object }),
    ...(options.set ? { sets: options.set } : {}),
    ...(options.profiles ? { profiles: options.profiles } : {}),
    ...(options.runtime ? { runtime: options.runtime } : {}),
    ...(options.id ? { id: options.id } : {}),
  }
}

/** @throws CONFIG_NOT_FOUND, CONFIG_INVALID with all diagnostics */
export async function load(source: ClusterSource, options: LoadOptions & { ephemeral?: boolean }): Promise<Loaded> {
  const definitions = definitionsOf(options)
  const loaded = await loadSpec(loadInput(source, options), definitions)
  const read = requireSpec(loaded, options.cwd ?? process.cwd())
  // An ephemeral cluster belongs to one run: two test runs in one folder must not meet.
  const spec = options.ephemeral && !options.id ? { ...read, id: randomId(read.name) } : read
  const warnings = loaded.diagnostics.map((diagnostic) => formatDiagnostics([diagnostic], { cwd: options.cwd ?? process.cwd() }).trim())
  return { spec, inputs: loaded.inputs, warnings, tree: loaded.tree, definitions, runtimes: runtimeFactories(options) }
}
