// One zod issue -> findings with exact paths and plain words. Knows no positions; the caller has them.
import type { z } from 'zod'
import { expectedAt, isRecord, type JsonSchema, keysAt, valuesAt } from './json-schema.ts'
import { didYouMean, nearest, orList } from './suggest.ts'
import { formatPath, type Path } from './tree.ts'

type Issue = z.core.$ZodIssue

/** What is wrong at a path relative to the validated value. */
export interface Explained {
  readonly path: Path
  readonly at: 'key' | 'value'
  readonly message: string
  readonly hint?: string
  /** The key that an unknown one was probably meant to be. */
  readonly meant?: string
}

export interface ExplainContext {
  readonly value: unknown
  readonly schema: JsonSchema
  /** Keys that are valid at the top although the schema does not list them. */
  readonly extraKeys: Iterable<string>
}

/** All findings of an issue: an unknown key each, the most helpful branch of a union. */
export function explainIssue(issue: Issue, context: ExplainContext, prefix: Path = []): Explained[] {
  const path: Path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], context))
  if (issue.code === 'invalid_union') return explainUnion(issue, context, path)
  if (issue.code === 'invalid_key') {
    const own = issue.issues.map((inner) => inner.message).find((message) => !isDefaultMessage(message))
    return [finding(path, own ?? 'this key is not a valid name here', undefined, 'key')]
  }
  if (!isDefaultMessage(issue.message)) return [finding(path, withGot(issue.message, context.value, path))]
  if (valueAt(context.value, path) === undefined) return [finding(path, 'is missing', expectation(context, path))]
  const expected = expectedAt(context.schema, path)
  const message = wordsOf(issue) ?? (expected === undefined ? undefined : `expected ${expected}`)
  return [finding(path, message === undefined ? issue.message : withGot(message, context.value, path), hintFor(context, path))]
}

function finding(path: Path, message: string, hint?: string, at: 'key' | 'value' = 'value'): Explained {
  return { path, at, message: label(path, message), ...(hint !== undefined && { hint }) }
}

/** Issues that say more than the schema's expectation does. */
function wordsOf(issue: Issue): string | undefined {
  if (issue.code === 'invalid_format' && typeof issue.pattern === 'string') return `expected text of the form ${issue.pattern}`
  if (issue.code === 'not_multiple_of') return `expected a multiple of ${issue.divisor}`
  return issue.code === 'too_small' || issue.code === 'too_big' ? sizeWords(issue) : undefined
}

/** Bounds of lists, maps and text; bounds of numbers are part of what is expected. */
function sizeWords(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string | undefined {
  const unit = UNITS[issue.origin]
  if (unit === undefined) return undefined
  if (issue.code === 'too_small' && Number(issue.minimum) === 1)
    return `expected ${unit === 'characters' ? 'text that is not empty' : `at least one ${unit.slice(0, -1)}`}`
  return issue.code === 'too_small' ? `expected at least ${issue.minimum} ${unit}` : `expected at most ${issue.maximum} ${unit}`
}

const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'items', set: 'items', object: 'keys', map: 'keys' }

function expectation(context: ExplainContext, path: Path): string | undefined {
  const expected = expectedAt(context.schema, path)
  return expected === undefined ? undefined : `expected ${expected}`
}

function hintFor(context: ExplainContext, path: Path): string | undefined {
  const value = valueAt(context.value, path)
  if (typeof value === 'string') return didYouMean(value, valuesAt(context.schema, path))
  const expected = expectedAt(context.schema, path)
  if (expected?.startsWith('text') && (typeof value === 'number' || typeof value === 'boolean')) return `put it in quotes: "${value}"`
  return undefined
}

function unknownKey(path: Path, context: ExplainContext): Explained {
  const parent = path.slice(0, -1)
  const key = String(path.at(-1))
  const known = [...new Set([...keysAt(context.schema, parent), ...(parent.length === 0 ? context.extraKeys : [])])]
  const meant = nearest(key, known)
  if (meant !== undefined) return { path, at: 'key', message: label(path, 'unknown key'), hint: `did you mean "${meant}"?`, meant }
  const hint = known.length > 0 ? `known here: ${orList(known, 24).replace(/ or (?=[^ ]*$)/, ', ')}` : undefined
  return { path, at: 'key', message: label(path, 'unknown key'), ...(hint !== undefined && { hint }) }
}

function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, context: ExplainContext, path: Path): Explained[] {
  const best = bestBranch(issue.errors)
  if (best) return best.flatMap((inner) => explainIssue(inner, context, path))
  const own = isDefaultMessage(issue.message) ? undefined : issue.message
  if (own === undefined && valueAt(context.value, path) === undefined) {
    const hint = expectation(context, path)
    return [finding(path, 'is missing', hint)]
  }
  const expected = expectedAt(context.schema, path)
  const hint = hintFor(context, path)
  const message = own ?? (expected === undefined ? 'no form that is allowed here' : `expected ${expected}`)
  return [finding(path, withGot(message, context.value, path), hint)]
}

/** The branch whose outer form fits and that has the least to complain of; undefined when the value has none of the forms. */
function bestBranch(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  let best: { issues: readonly Issue[]; score: number } | undefined
  for (const issues of errors) {
    if (issues.length === 0 || issues.some((issue) => issue.path.length === 0 && isMisfit(issue))) continue
    const score = issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length * 2 : 1), 0)
    if (!best || score < best.score) best = { issues, score }
  }
  return best?.issues
}

/** Another type or another fixed value: not the form that was meant. Bounds of numbers count, so that all forms are listed. */
function isMisfit(issue: Issue): boolean {
  if (issue.code === 'invalid_type' || issue.code === 'invalid_value') return true
  if (issue.code === 'invalid_union') return bestBranch(issue.errors) === undefined
  return (issue.code === 'too_big' || issue.code === 'too_small') && (issue.origin === 'number' || issue.origin === 'int')
}

/** Texts of zod itself, as opposed to those that a schema's author wrote. */
function isDefaultMessage(message: string): boolean {
  return /^(?:Invalid |Too (?:small|big)|Unrecognized key|Expected |Required$)/.test(message)
}

function label(path: Path, message: string): string {
  const name = formatPath(path)
  return name === '' || message.startsWith(`${name}:`) ? message : `${name}: ${message}`
}

function withGot(message: string, root: unknown, path: Path): string {
  const value = valueAt(root, path)
  return value === undefined || /, got /.test(message) || !message.startsWith('expected ') ? message : `${message}, got ${words(value)}`
}

/** A value as a message shows it. */
export function words(value: unknown): string {
  if (value === null) return 'nothing'
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'a map'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text
}

export function valueAt(root: unknown, path: Path): unknown {
  let at = root
  for (const part of path) {
    if (Array.isArray(at)) at = typeof part === 'number' ? at[part] : undefined
    else at = isRecord(at) && Object.hasOwn(at, part) ? at[part] : undefined
  }
  return at
}
