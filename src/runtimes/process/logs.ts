// Reads a node's output file: the last lines, those since a time, and new ones as they come. Times are the supervisor's notes of the file's
// length, so a line's time is known to a quarter of a second. Both streams share the file, in the order they were written: all lines say stdout.
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import type { LogLine, LogOptions } from '../../model/runtime.ts'
import { delay } from '../../util/async.ts'
import type { NodeFiles } from './layout.ts'

const CHUNK = 64 * 1024
const FOLLOW_MS = 50

/** `<offset> <epoch ms>` notes, oldest first. */
export type TimeNotes = readonly { readonly end: number; readonly at: number }[]

export function parseTimes(text: string): TimeNotes {
  return text.split('\n').flatMap((line) => {
    const [end, at] = line.split(' ').map(Number)
    return end === undefined || at === undefined || Number.isNaN(end) || Number.isNaN(at) ? [] : [{ end, at }]
  })
}

/** When the byte before `offset` was written, at the latest: the first note that covers it. */
export function timeAt(notes: TimeNotes, offset: number): number | undefined {
  let low = 0
  let high = notes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((notes[middle]?.end ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return notes[low]?.at
}

/** Where the last `count` lines of a file of `size` bytes begin. */
async function tailOffset(handle: FileHandle, size: number, count: number): Promise<number> {
  let position = size
  let seen = 0
  const buffer = Buffer.alloc(CHUNK)
  while (position > 0) {
    const length = Math.min(CHUNK, position)
    position -= length
    await handle.read(buffer, 0, length, position)
    for (let index = length - 1; index >= 0; index--) {
      // The newline at the very end closes the last line and begins none.
      if (buffer[index] !== 0x0a || position + index === size - 1) continue
      if (++seen === count) return position + index + 1
    }
  }
  return 0
}

/** Lines of one node. Ends at the file's end, or when the signal aborts if it follows. */
export async function* nodeLogs(node: string, files: NodeFiles, options: LogOptions): AsyncGenerator<LogLine> {
  let handle: FileHandle | undefined
  try {
    while (!handle) {
      if (options.signal?.aborted) return
      handle = await open(files.output, 'r').catch(() => undefined)
      if (handle) break
      if (!options.follow) return
      await delay(FOLLOW_MS, options.signal).catch(() => undefined)
    }
    let notes = parseTimes(await readFile(files.times, 'utf8').catch(() => ''))
    const { size } = await handle.stat()
    let position = options.tail === undefined ? 0 : options.tail === 0 ? size : await tailOffset(handle, size, options.tail)
    let lineStart = position
    let rest = ''
    const decoder = new StringDecoder('utf8')
    const buffer = Buffer.alloc(CHUNK)
    const line = (text: string, end: number): LogLine | undefined => {
      // What no note covers yet was written just now.
      const at = timeAt(notes, end) ?? (end > size ? Date.now() : undefined)
      if (options.sinceMs !== undefined && at !== undefined && at < options.sinceMs) return undefined
      return { node, stream: 'stdout', text: text.endsWith('\r') ? text.slice(0, -1) : text, ...(at === undefined ? {} : { at }) }
    }
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, position)
      if (bytesRead === 0) {
        if (!options.follow || options.signal?.aborted) break
        await delay(FOLLOW_MS, options.signal).catch(() => undefined)
        // Shorter than before: the node was removed and made anew.
        if ((await handle.stat()).size < position) break
        notes = position > size ? [] : notes
        continue
      }
      position += bytesRead
      const parts = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n')
      rest = parts.pop() ?? ''
      for (const text of parts) {
        lineStart += Buffer.byteLength(text) + 1
        const found = line(text, lineStart)
        if (found) yield found
        if (options.signal?.aborted) return
      }
    }
    if (rest !== '') {
      const found = line(rest, position)
      if (found) yield found
    }
  } finally {
    await handle?.close()
  }
}
