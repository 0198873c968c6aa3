// A tree against a zod schema: the typed value, or findings at the exact nodes. Merges and defaults nothing beyond what the schema does.
import type { z } from 'zod'
import { type Explained, explainIssue, valueAt } from './explain-issue.ts'
import { isRecord, toJsonSchema } from './json-schema.ts'
import { nodeAt, type Path, type TreeNode, toPlain } from './tree.ts'

export interface ValidateOptions {
  /** Keys valid at the top beside the schema's own, for "did you mean". */
  readonly extraKeys?: Iterable<string>
}

/** The schema's output, or everything that is wrong with the input. */
export type Validated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly findings: readonly Explained[] }

/**
 * Validates. Two leniencies, both about how files are written: a `${VAR}` that looks like a number is text where text is wanted,
 * and an option with nothing behind it (`topics:`) is an option not given.
 */
export function validate<T>(schema: z.ZodType<T>, node: TreeNode, options: ValidateOptions = {}): Validated<T> {
  const value = toPlain(node)
  const touched = new Set<string>()
  for (;;) {
    const result = schema.safeParse(value)
    if (result.success) return { ok: true, value: result.data }
    const mended = result.error.issues.map((issue) => mend(value, node, issue, touched)).some(Boolean)
    if (mended) continue
    const context = { value, schema: toJsonSchema(schema), extraKeys: options.extraKeys ?? [] }
    return { ok: false, findings: result.error.issues.flatMap((issue) => explainIssue(issue, context)) }
  }
}

/** Applies a leniency to the value in place, each path once; true when the value changed. */
function mend(value: unknown, root: TreeNode, issue: z.core.$ZodIssue, touched: Set<string>, prefix: Path = []): boolean {
  const path: Path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  const id = JSON.stringify(path)
  if (touched.has(id)) return false
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().map((each) => mend(value, root, each, touched, path))
    if (inner.some(Boolean)) return true
  }
  if (path.length === 1 && valueAt(value, path) === null && issue.code !== 'unrecognized_keys') {
    touched.add(id)
    return replace(value, path, undefined)
  }
  const node = nodeAt(root, path)
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string'
  if (wantsText && node?.type === 'scalar' && node.text !== undefined && typeof node.value !== 'string') {
    touched.add(id)
    return replace(value, path, node.text)
  }
  return false
}

/** `root` is a fresh copy that nobody else holds. */
function replace(root: unknown, path: Path, value: unknown): boolean {
  const parent = valueAt(root, path.slice(0, -1))
  const last = path.at(-1)
  if (last === undefined || typeof parent !== 'object' || parent === null) return false
  if (value === undefined) return isRecord(parent) && Reflect.deleteProperty(parent, last)
  return Reflect.set(parent, last, value)
}
