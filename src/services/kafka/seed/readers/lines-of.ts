// A file as lines of bytes, in constant memory. LF or CRLF; a byte order mark at the start and a last line without an end are fine.
import { open } from 'node:fs/promises'
import { DevclusterError } from '../../../../errors.ts'
import { hasErrno } from '../../../../util/fs.ts'
import { seedInvalid } from '../invalid.ts'

const CHUNK_BYTES = 256 * 1024
/** Kafka refuses far smaller records; without a limit a binary file without line ends would be read whole. */
export const MAX_ITEM_BYTES = 64 * 1024 * 1024

export interface Line {
  readonly bytes: Buffer
  /** From 1. */
  readonly number: number
  /** What ended it in the file; empty at the end of the file. */
  readonly end: '\n' | '\r\n' | ''
}

/** The chunks of a file. @throws DevclusterError SEED_INVALID when it cannot be read */
export async function* chunksOf(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await open(file).catch((error: unknown) => {
    const why = hasErrno(error, 'ENOENT') ? 'there is no such file' : hasErrno(error, 'EACCES') ? 'it may not be read' : String(error)
    throw new DevclusterError('SEED_INVALID', `${file}: ${why}`, { data: { file }, cause: error })
  })
  try {
    let first = true
    for (;;) {
      signal.throwIfAborted()
      // A new buffer each time: what readers yield points into it.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES).catch((error: unknown) => {
        throw new DevclusterError('SEED_INVALID', `${file}: ${hasErrno(error, 'EISDIR') ? 'it is a folder' : String(error)}`, {
          data: { file },
          cause: error,
        })
      })
      if (bytesRead === 0) return
      const chunk = buffer.subarray(0, bytesRead)
      yield first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk
      first = false
    }
  } finally {
    await handle.close()
  }
}

/** Lines without their ends, many at a time. */
export async function* linesOf(file: string, signal: AbortSignal): AsyncGenerator<readonly Line[]> {
  let number = 0
  let head: Buffer[] = []
  let headBytes = 0
  for await (const chunk of chunksOf(file, signal)) {
    const lines: Line[] = []
    let from = 0
    for (let end = chunk.indexOf(0x0a, from); end >= 0; end = chunk.indexOf(0x0a, from)) {
      const piece = chunk.subarray(from, end)
      const bytes = head.length > 0 ? Buffer.concat([...head, piece]) : piece
      head = []
      headBytes = 0
      lines.push(lineOf(bytes, ++number))
      from = end + 1
    }
    if (from < chunk.length) {
      head.push(chunk.subarray(from))
      headBytes += chunk.length - from
      if (headBytes > MAX_ITEM_BYTES)
        throw seedInvalid(file, { line: number + 1, column: 1 }, `a line is longer than ${MAX_ITEM_BYTES >> 20} MiB`)
    }
    if (lines.length > 0) yield lines
  }
  if (headBytes > 0) yield [{ bytes: Buffer.concat(head), number: number + 1, end: '' }]
}

function lineOf(bytes: Buffer, number: number): Line {
  if (bytes[bytes.length - 1] === 0x0d) return { bytes: bytes.subarray(0, -1), number, end: '\r\n' }
  return { bytes, number, end: '\n' }
}
