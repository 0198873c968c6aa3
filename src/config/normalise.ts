// The merged document -> ClusterSpec, by an ordered list of small passes. Each pass finds all its mistakes; none stops another.
import type { ClusterSpec } from '../model/spec.ts'
import type { Diagnostic } from './diagnostic.ts'
import { Draft, type NormaliseRequest, toClusterSpec } from './draft.ts'
import { resolveFiles } from './passes/files.ts'
import { checkPorts, checkRuntime, runChecks } from './passes/meaning.ts'
import { addImplied, checkNeeds, collectReferences, findCycles } from './passes/references.ts'
import { applyProfiles, collectServices, resolveKinds, validateCommonKeys, validateOptions } from './passes/services.ts'
import { topLevel } from './passes/top-level.ts'
import { type MapNode, type Path, toPlain } from './tree.ts'

type Pass = (draft: Draft) => void

/** In this order: each relies on what those before it wrote into the draft. */
const PASSES: readonly Pass[] = [
  topLevel,
  collectServices,
  resolveKinds,
  validateCommonKeys,
  validateOptions,
  applyProfiles,
  resolveFiles,
  addImplied,
  collectReferences,
  checkNeeds,
  findCycles,
  checkRuntime,
  runChecks,
  checkPorts,
]

export interface Normalised {
  /** Undefined when anything is wrong. */
  readonly spec: ClusterSpec | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** The document without positions, files absolute. */
  readonly tree: unknown
  /** Files named in options, absolute. */
  readonly references: readonly string[]
}

/** Runs all passes over one document. */
export function normalise(root: MapNode, request: NormaliseRequest): Normalised {
  const draft = new Draft(root, request)
  for (const pass of PASSES) pass(draft)
  return {
    spec: draft.failed ? undefined : freeze(withoutUndefined(toClusterSpec(draft))),
    diagnostics: draft.diagnostics,
    tree: plainTree(draft),
    references: [...draft.references],
  }
}

function plainTree(draft: Draft): unknown {
  const tree = toPlain(draft.root)
  for (const { path, value } of draft.absolute.values()) {
    const last = path.at(-1)
    const parent = path
      .slice(0, -1)
      .reduce<unknown>(
        (at: unknown, part: Path[number]) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined),
        tree,
      )
    if (last !== undefined && typeof parent === 'object' && parent !== null) Reflect.set(parent, last, value)
  }
  return tree
}

/** A deep copy in which no member is undefined: what is written to disk and read again compares equal. */
function withoutUndefined<T>(value: T): T
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutUndefined(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]): [string, unknown] => [key, withoutUndefined<unknown>(member)]),
  )
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) freeze<unknown>(member)
    Object.freeze(value)
  }
  return value
}
