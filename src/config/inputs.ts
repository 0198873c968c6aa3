// Everything a resolved cluster depends on, as hashes, and the question whether it changed. Node's built-ins only: the hot paths load it.
import { readFileSync, statSync } from 'node:fs'
import { contentHash } from '../util/content-hash.ts'

/** What `loadSpec` read. JSON only; kept beside a cluster's state, so it holds hashes of variables, never their values. */
export interface LoadInputs {
  /** Cluster files in the order they were named, absolute. */
  readonly roots: readonly string[]
  /** Cluster files, files they extend, `.env` files; their hash is null for one that was absent. */
  readonly files: readonly { readonly path: string; readonly hash: string | null }[]
  /** Files named in options (seeds, definitions): size and time, as they may be large. */
  readonly references: readonly { readonly path: string; readonly size: number; readonly mtimeMs: number }[]
  /** Variables that were read: SHA-256 of the value in the environment, null when not set there. */
  readonly variables: Readonly<Record<string, string | null>>
  readonly sets: readonly string[]
  readonly profiles: readonly string[]
  /** The runtime demanded by the caller, over the file's. */
  readonly runtime: string | null
  /** A module or a program's object took part: what it depends on cannot be known, so inputs are never the same. */
  readonly opaque: boolean
}

/** The caller's half of the inputs, to compare with those of an earlier run. */
export interface LoadFlags {
  readonly roots?: readonly string[]
  readonly sets?: readonly string[]
  readonly profiles?: readonly string[]
  readonly runtime?: string | undefined
}

/**
 * SHA-256 of a variable's value, hex, as values may be secrets; null when it is not set. The module is loaded where it is needed: it costs as much as
 * all of `status`' own code.
 */
export function hashVariable(value: string | undefined): string | null {
  return value === undefined ? null : process.getBuiltinModule('node:crypto').createHash('sha256').update(value).digest('hex')
}

/** Hash of a file's bytes; null when there is none or it cannot be read. */
export function hashFile(path: string): string | null {
  try {
    return contentHash(readFileSync(path))
  } catch {
    return null
  }
}

/** Size and time of a file that options name; one that is missing, or whose name no file can have, is -1. */
export function stampFile(path: string): { path: string; size: number; mtimeMs: number } {
  try {
    const { size, mtimeMs } = statSync(path)
    return { path, size, mtimeMs }
  } catch {
    return { path, size: -1, mtimeMs: -1 }
  }
}

/**
 * True when loading again would read exactly the same: same files, same variables, and, where given, same flags.
 * @example if (sameInputs(state.inputs, process.env, { roots: [file], sets, profiles })) proveReadiness()
 */
export function sameInputs(inputs: LoadInputs, env: NodeJS.ProcessEnv, flags?: LoadFlags): boolean {
  if (inputs.opaque) return false
  if (flags && !sameFlags(inputs, flags)) return false
  for (const [name, hash] of Object.entries(inputs.variables)) {
    if (hashVariable(env[name]) !== hash) return false
  }
  for (const { path, size, mtimeMs } of inputs.references) {
    const now = stampFile(path)
    if (now.size !== size || now.mtimeMs !== mtimeMs) return false
  }
  return inputs.files.every(({ path, hash }) => hashFile(path) === hash)
}

function sameFlags(inputs: LoadInputs, flags: LoadFlags): boolean {
  const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((item, index) => item === b[index])
  if (flags.roots && !same(inputs.roots, flags.roots)) return false
  return same(inputs.sets, flags.sets ?? []) && same(inputs.profiles, flags.profiles ?? []) && inputs.runtime === (flags.runtime ?? null)
}
