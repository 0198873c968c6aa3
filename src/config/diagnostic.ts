// What is wrong with a cluster file and where, and the text a person reads about it. Finds nothing itself.
import { relative } from 'node:path'
import type { ErrorCode } from '../errors.ts'
import { formatPath, type Path, type Span } from './tree.ts'

/** One finding; JSON only, carries the line it points at. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: ErrorCode
  /** Absolute path, a flag as typed (`--set services.a.b=1`), or absent for an object given by a program. */
  readonly file?: string
  /** 1-based; absent where the source has no positions (modules, objects). */
  readonly line?: number
  /** 1-based, in UTF-16 units. */
  readonly column?: number
  /** Column after the last character, on the same line. */
  readonly endColumn?: number
  readonly message: string
  readonly hint?: string
  /** `services.shop.nodes`; empty for the document as a whole. */
  readonly path: string
  /** The line it points at. */
  readonly excerpt?: string
}

export interface DiagnosticText {
  readonly severity?: 'error' | 'warning'
  readonly code?: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
}

/** A diagnostic at a span. */
export function diagnosticAt(span: Span, path: Path, text: DiagnosticText): Diagnostic {
  const { source } = span
  const hint = text.hint ?? dottedKeyHint(span, text.message)
  return {
    severity: text.severity ?? 'error',
    code: text.code ?? 'CONFIG_INVALID',
    ...(source.kind !== 'object' && { file: source.name }),
    ...positionOf(span),
    message: text.message,
    ...(hint !== undefined && { hint }),
    path: formatPath(path),
  }
}

/** A map where a flag gave one value: its dots were meant to be part of the key. */
function dottedKeyHint({ source, start }: Span, message: string): string | undefined {
  const { text } = source
  if (source.kind !== 'flag' || text === undefined || !start || !message.endsWith('got a map')) return undefined
  const equals = text.indexOf('=', start)
  const key = text.slice(start, equals)
  if (equals < 0 || text.charAt(start - 1) !== '.' || !/^[^[\]"']+\.[^[\]"']+$/.test(key)) return undefined
  return `a key with dots is written ${text.slice(0, start - 1)}["${key}"]${text.slice(equals)}`
}

function positionOf(span: Span): Pick<Diagnostic, 'line' | 'column' | 'endColumn' | 'excerpt'> {
  const { text } = span.source
  if (text === undefined || span.start === undefined) return {}
  const start = Math.min(span.start, text.length)
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', start)
  const excerpt = text.slice(lineStart, newline < 0 ? text.length : newline).replace(/\r$/, '')
  const column = start - lineStart + 1
  const endColumn = Math.min(Math.max(span.end ?? start, start + 1) - lineStart + 1, Math.max(excerpt.length, column) + 1)
  return { line: text.slice(0, lineStart).split('\n').length, column, endColumn, excerpt }
}

/** Colours, or whatever the printer's owner likes; the default leaves text alone. */
export interface DiagnosticStyle {
  readonly error: (text: string) => string
  readonly warning: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const same = (text: string): string => text
const PLAIN: DiagnosticStyle = { error: same, warning: same, strong: same, faint: same }

/** Widest excerpt printed; a longer line is cut to a window around the caret. */
const WINDOW = 110
// East Asian wide and emoji: two cells in a terminal (Unicode TR 11, the common blocks).
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

function cells(text: string): number {
  let width = 0
  for (const character of text) width += WIDE.test(character) ? 2 : 1
  return width
}

function caretLines(item: Diagnostic, gutter: number, style: DiagnosticStyle): string[] {
  if (item.line === undefined || item.column === undefined || item.excerpt === undefined) return []
  const line = item.excerpt.replace(/\p{Cc}/gu, ' ')
  const from = item.column > WINDOW - 30 ? item.column - 40 : 0
  const shown = `${from > 0 ? '...' : ''}${line.slice(from, from + WINDOW)}${line.length > from + WINDOW ? '...' : ''}`
  const before = `${from > 0 ? '...' : ''}${line.slice(from, item.column - 1)}`
  const marked = line.slice(item.column - 1, Math.min((item.endColumn ?? item.column + 1) - 1, from + WINDOW))
  const carets = '^'.repeat(Math.max(1, cells(marked)))
  const number = item.file?.startsWith('--') ? '' : String(item.line)
  const paint = item.severity === 'error' ? style.error : style.warning
  return [
    `${style.faint(`${number.padStart(gutter)} |`)} ${shown}`.trimEnd(),
    `${style.faint(`${' '.repeat(gutter)} |`)} ${' '.repeat(cells(before))}${paint(carets)}`,
  ]
}

function headline(item: Diagnostic, cwd: string | undefined, style: DiagnosticStyle): string {
  const severity = item.severity === 'warning' ? `${style.warning('warning:')} ` : ''
  let where = item.file ?? item.path
  if (item.file !== undefined && !item.file.startsWith('--')) {
    where = displayPath(item.file, cwd)
    if (item.line !== undefined) where += `:${item.line}:${item.column}`
    else if (item.path !== '') where += ` (${item.path})`
  }
  return where === '' ? `${severity}${item.message}` : `${style.strong(where)}  ${severity}${item.message}`
}

function displayPath(path: string, cwd: string | undefined): string {
  if (cwd === undefined) return path
  const short = relative(cwd, path)
  return short === '' || short.startsWith('../../..') ? path : short
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

/** `2 errors, 1 warning`. */
export function summarise(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((item) => item.severity === 'error').length
  const warnings = diagnostics.length - errors
  return [errors > 0 && count(errors, 'error'), warnings > 0 && count(warnings, 'warning')].filter(Boolean).join(', ')
}

export interface FormatOptions {
  /** Paths are shown relative to it. */
  readonly cwd?: string | undefined
  readonly style?: DiagnosticStyle | undefined
  /** Width of the line numbers' column, so that several findings align. */
  readonly gutter?: number | undefined
}

/** Text for people about one finding: a headline, the source line with carets, a hint. No line end after it. */
export function formatDiagnostic(item: Diagnostic, options: FormatOptions = {}): string {
  const { cwd, style = PLAIN, gutter = gutterOf([item]) } = options
  const lines = [headline(item, cwd, style), ...caretLines(item, gutter, style)]
  if (item.hint !== undefined) lines.push(`${' '.repeat(gutter)} ${style.faint('hint:')} ${item.hint}`)
  return lines.join('\n')
}

function gutterOf(diagnostics: readonly Diagnostic[]): number {
  return Math.max(3, ...diagnostics.map((item) => String(item.line ?? '').length + 1))
}

/**
 * Text for people about all findings, then their count.
 * @example formatDiagnostics(diagnostics, { cwd: process.cwd() })
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions = {}): string {
  if (diagnostics.length === 0) return ''
  const gutter = options.gutter ?? gutterOf(diagnostics)
  const blocks = diagnostics.map((item) => formatDiagnostic(item, { ...options, gutter }))
  return `${blocks.join('\n\n')}\n\n${summarise(diagnostics)}\n`
}

/** File, then line, then column; findings without a position first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map((item) => item.file))]
  return [...diagnostics].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}
