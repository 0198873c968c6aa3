// A DevclusterError as text: what happened to which node, why, what helps, the log tail, where the report is. No colours unless a style is given.
import { type DevclusterError, isDevclusterError, messageOf } from './errors.ts'

/** How parts of the text are set off; identity functions without a terminal. */
export interface ErrorStyle {
  readonly bad: (text: string) => string
  readonly dim: (text: string) => string
  readonly strong: (text: string) => string
}

const PLAIN: ErrorStyle = { bad: (text) => text, dim: (text) => text, strong: (text) => text }
const SHOWN_LOG_LINES = 15

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
  const formatted = error.data['formatted']
  const lines = typeof formatted === 'string' ? [formatted] : [`${style.bad('error')} ${style.strong(error.code)}: ${error.message}`]
  if (error.hint) lines.push(`${style.strong('hint:')} ${error.hint}`)
  lines.push(...historyLines(error, style, options.verbose ?? false), ...logLines(error, style), ...placesLines(error, style))
  if (options.verbose && error.cause !== undefined)
    lines.push(
      style.dim(`caused by: ${error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : messageOf(error.cause)}`),
    )
  return lines.join('\n')
}

function historyLines(error: DevclusterError, style: ErrorStyle, verbose: boolean): string[] {
  const history = error.data['probe']
  if (!Array.isArray(history) || history.length === 0) return []
  const shown = verbose ? history : history.slice(-4)
  return [
    style.dim('what it answered:'),
    ...shown.map((entry: { why?: unknown; fromMs?: unknown; toMs?: unknown; tries?: unknown }) =>
      style.dim(`  ${seconds(entry.fromMs)} to ${seconds(entry.toMs)} (${String(entry.tries)} tries): ${String(entry.why)}`),
    ),
  ]
}

function logLines(error: DevclusterError, style: ErrorStyle): string[] {
  const log = error.data['log']
  if (!Array.isArray(log) || log.length === 0) return []
  return [style.dim(`${error.node ?? 'node'} logged:`), ...log.slice(-SHOWN_LOG_LINES).map((line) => style.dim(`  ${String(line)}`))]
}

function placesLines(error: DevclusterError, style: ErrorStyle): string[] {
  const report = error.data['report']
  return typeof report === 'string' ? [`${style.strong('report:')} ${report}`] : []
}

function seconds(ms: unknown): string {
  return typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '?'
}
