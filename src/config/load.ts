// The entry of config/: files or an object -> ClusterSpec, all diagnostics, and what was read. Starts nothing, prints nothing.
import { dirname } from 'node:path'
import { DevclusterError } from '../errors.ts'
import type { ServiceDefinition } from '../model/service.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { type Diagnostic, formatDiagnostic, sortDiagnostics, summarise } from './diagnostic.ts'
import { type LoadInputs, stampFile } from './inputs.ts'
import { normalise } from './normalise.ts'
import { readDocuments } from './read.ts'
import { toPlain } from './tree.ts'

export interface LoadRequest {
  /** Cluster files, later ones laid over earlier ones; relative to `cwd`. Without any the nearest file from `cwd` upwards. */
  readonly files?: readonly string[] | undefined
  /** A document instead of files. */
  readonly object?: unknown
  /** Absolute. */
  readonly cwd: string
  /** `--set` flags: `services.shop.nodes=5`. */
  readonly sets?: readonly string[] | undefined
  readonly profiles?: readonly string[] | undefined
  /** Default: process.env. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Over the file's `runtime:`. */
  readonly runtime?: 'auto' | 'docker' | 'process' | undefined
  /** Over the computed id. */
  readonly id?: string | undefined
}

export interface Loaded {
  /** Undefined exactly when a diagnostic is an error. */
  readonly spec: ClusterSpec | undefined
  /** By file, line and column. */
  readonly diagnostics: readonly Diagnostic[]
  /** The merged, interpolated document as plain data, for `devcluster config`. */
  readonly tree: unknown
  readonly inputs: LoadInputs
}

/**
 * Reads, merges, validates; finds every mistake rather than the first.
 * @throws DevclusterError CONFIG_NOT_FOUND when no file is named and none is found upwards.
 * @example const { spec, diagnostics } = await loadSpec({ cwd: process.cwd() }, definitions)
 */
export async function loadSpec(request: LoadRequest, definitions: readonly ServiceDefinition[]): Promise<Loaded> {
  const sets = request.sets ?? []
  const document = await readDocuments({
    files: request.files,
    object: request.object,
    cwd: request.cwd,
    sets,
    env: request.env ?? process.env,
  })
  const profiles = [...(request.profiles ?? []), ...(document.variables.get('DEVCLUSTER_PROFILES', []) ?? '').split(',')]
  const firstFile = document.roots[0]
  const inputs = (references: readonly string[]): LoadInputs => ({
    roots: document.roots,
    files: document.files,
    references: references.map(stampFile),
    variables: document.variables.hashes(),
    sets,
    profiles: request.profiles ?? [],
    runtime: request.runtime ?? null,
    opaque: document.opaque,
  })
  if (document.broken) {
    return { spec: undefined, diagnostics: sortDiagnostics(document.diagnostics), tree: toPlain(document.root), inputs: inputs([]) }
  }
  const dir = firstFile === undefined ? undefined : dirname(firstFile)
  const result = normalise(document.root, {
    definitions,
    profiles: new Set(profiles.map((profile) => profile.trim()).filter((profile) => profile !== '')),
    runtime: request.runtime,
    dir,
    nameDir: dir ?? request.cwd,
    id: request.id,
    files: document.used,
    cwd: dir ?? request.cwd,
  })
  const diagnostics = sortDiagnostics(distinct([...document.diagnostics, ...result.diagnostics]))
  const failed = diagnostics.some((item) => item.severity === 'error')
  return { spec: failed ? undefined : result.spec, diagnostics, tree: result.tree, inputs: inputs(result.references) }
}

/**
 * The specification, or an error that carries every diagnostic in `data.diagnostics`.
 * @throws DevclusterError CONFIG_INVALID, or the code that all errors share (RUNTIME_UNSUPPORTED, VERSION_UNAVAILABLE, CONFIG_NOT_FOUND)
 */
export function requireSpec(loaded: Loaded, cwd?: string): ClusterSpec {
  const errors = loaded.diagnostics.filter((item) => item.severity === 'error')
  if (loaded.spec && errors.length === 0) return loaded.spec
  const codes = [...new Set(errors.map((item) => item.code))]
  const [code, ...others] = codes
  const text = loaded.diagnostics.map((item) => formatDiagnostic(item, { cwd })).join('\n\n')
  const message = `the cluster file cannot be used: ${summarise(loaded.diagnostics)}\n\n${text}`
  throw new DevclusterError(code === undefined || others.length > 0 ? 'CONFIG_INVALID' : code, message, {
    hint: errors.length === 1 ? errors[0]?.hint : 'nothing was started; mend them and run again',
    data: { diagnostics: loaded.diagnostics },
  })
}

/** Two ways to the same finding at the same place are one finding. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const byKey = new Map<string, Diagnostic>()
  for (const item of diagnostics) {
    const key = JSON.stringify([item.file, item.line, item.column, item.path, item.message])
    if (!byKey.has(key)) byKey.set(key, item)
  }
  return [...byKey.values()]
}
