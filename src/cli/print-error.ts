// An error on stderr for people, and on stdout as a document where JSON was asked for. Decides no exit code.
import { isDevclusterError, messageOf } from '../errors.ts'
import { formatError } from '../format-error.ts'
import type { ClusterEvent } from '../model/event.ts'
import type { Io } from './io.ts'

/** The error's part that machines read. */
export function errorFacts(error: unknown): NonNullable<ClusterEvent['error']> {
  if (!isDevclusterError(error)) return { code: 'INTERNAL', message: messageOf(error) }
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
}

export async function printError(error: unknown, options: { io: Io; verbose: boolean; document: boolean }): Promise<void> {
  const { io } = options
  const { red, dim, strong } = io.errPaint
  io.note(formatError(error, { style: { bad: red, dim, strong }, verbose: options.verbose }))
  if (options.document) {
    const data = isDevclusterError(error) && Object.keys(error.data).length > 0 ? { data: error.data } : {}
    await io.out(`${JSON.stringify({ v: 1, error: errorFacts(error), ...data }, null, 2)}\n`)
  }
}
