// A DevclusterError as text: what happened to which node, why, what helps, the log tail, where the report is. No colours unless a style is given.
import { type DevclusterError, isDevclusterError, messageOf } from './errors.ts'

/** How parts of the text are set off; identity functions without a terminal. */
export interface ErrorStyle {
  readonly bad: (text: string) => string
  readonly dim: (text: string) => string
  readonly strong: (text: string) => string
}

const PLAIN: ErrorStyle = { bad: (text) => text, dim: (text) => text, strong: (text) => text }
/** A known cause has said what matters: a few lines prove it. */
const SHOWN_LOG_LINES = { known: 4, unknown: 15 } as const
const SHOWN_ANSWERS = 4
const LINE_WIDTH = 240

export interface FormatErrorOptions {
  readonly style?: ErrorStyle
  /** Adds stacks, causes and the whole probe history. */
  readonly verbose?: boolean
}

/** Lines without a final line break. */
export function formatError(error: unknown, options: FormatErrorOptions = {}): string {
  const style = options.style ?? PLAIN
  if (!isDevclusterError(error)) {
    const stack = error instanceof Error && error.stack ? `\n${error.stack}` : ''
    return `${style.bad('error')} INTERNAL: ${messageOf(error)}${options.verbose ? stack : ''}`
  }
  const lines = [`${style.bad('error')} ${style.strong(error.code)}: ${error.message}`]
  // Findings carry their hints at their places, within the message.
  if (error.hint && !error.message.includes(error.hint)) lines.push(`${style.strong('hint:')} ${error.hint}`)
  lines.push(
    ...historyLines(error, style, options.verbose ?? false),
    ...logLines(error, style, options.verbose ?? false),
    ...placesLines(error, style),
  )
  if (options.verbose && error.cause !== undefined)
    lines.push(
      style.dim(`caused by: ${error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : messageOf(error.cause)}`),
    )
  return lines.join('\n')
}

function hasCause(error: DevclusterError): boolean {
  return error.data['cause'] !== undefined
}

function shorten(line: string): string {
  return line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH - 3)}...` : line
}

/** What it answered while it was waited for; of a node that died of a known cause that is no news. */
function historyLines(error: DevclusterError, style: ErrorStyle, verbose: boolean): string[] {
  const history = error.data['probe']
  if (!Array.isArray(history) || history.length === 0) return []
  if (!verbose && hasCause(error)) return []
  const shown = verbose ? history : history.slice(-SHOWN_ANSWERS)
  return [
    style.dim('what it answered:'),
    ...shown.map((entry: { why?: unknown; fromMs?: unknown; toMs?: unknown; tries?: unknown }) =>
      style.dim(`  ${seconds(entry.fromMs)} to ${seconds(entry.toMs)} (${String(entry.tries)} tries): ${String(entry.why)}`),
    ),
  ]
}

/** The lines that say what is wrong; frames of Java stacks only on demand, as the report has them. */
function logLines(error: DevclusterError, style: ErrorStyle, verbose: boolean): string[] {
  const log = error.data['log']
  if (!Array.isArray(log)) return []
  const lines = log.map(String)
  const shown = verbose
    ? lines
    : lines
        .filter((line) => !/^\s+(at |\.\.\. \d+ more)/.test(line))
        .slice(hasCause(error) ? -SHOWN_LOG_LINES.known : -SHOWN_LOG_LINES.unknown)
        .map(shorten)
  return shown.length === 0 ? [] : [style.dim(`${error.node ?? 'node'} logged:`), ...shown.map((line) => style.dim(`  ${line}`))]
}

function placesLines(error: DevclusterError, style: ErrorStyle): string[] {
  const report = error.data['report']
  return typeof report === 'string' ? [`${style.strong('report:')} ${report}`] : []
}

function seconds(ms: unknown): string {
  return typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '?'
}
