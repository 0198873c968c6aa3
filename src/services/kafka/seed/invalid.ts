// SEED_INVALID with the place of the mistake. Lines and columns count from 1; columns count characters, not bytes.
import { DevclusterError } from '../../../errors.ts'

export interface Position {
  readonly line: number
  readonly column: number
}

/** The error for a mistake in a seed file: `orders.ndjson:7:12: ...`. */
export function seedInvalid(file: string, { line, column }: Position, message: string, hint?: string): DevclusterError {
  return new DevclusterError('SEED_INVALID', `${file}:${line}:${column}: ${message}`, { hint, data: { file, line, column } })
}

/** Column (from 1) of a byte offset within one line. */
export function columnAt(line: Buffer, offset: number): number {
  return line.toString('utf8', 0, offset).length + 1
}

/** Position of a character offset in a text that itself starts at `start`. */
export function positionIn(text: string, offset: number, start: Position): Position {
  let { line, column } = start
  for (let i = 0; i < offset && i < text.length; i++) {
    if (text[i] === '\n') {
      line++
      column = 1
    } else column++
  }
  return { line, column }
}
