// A node's output as lines with time and stream, past and following. The engine keeps it over restarts of the same container.
import type { Readable } from 'node:stream'
import type { ClusterRef, LogLine, LogOptions } from '../../model/runtime.ts'
import { type DockerContext, explain, nameOf } from './context.ts'
import { demux, type Frame, LineCutter } from './demux.ts'

/** The engine's time before a message: RFC 3339 with nanoseconds and a blank. */
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) /

/** Epoch ms of a stamp and the text after it. */
export function splitStamp(text: string): { at?: number; text: string } {
  const match = STAMP.exec(text)
  if (!match?.[1]) return { text }
  // Date.parse knows milliseconds only.
  const at = Date.parse(match[1].replace(/(\.\d{3})\d+/, '$1'))
  return { ...(Number.isFinite(at) ? { at } : {}), text: text.slice(match[0].length) }
}

/** Conmon, which logs for Podman, reads in pieces of this size; Docker in twice that. */
const PIECE_BYTES = 8_192

/** True when a message continues an unfinished one: Docker gives all pieces of a line the time of the first, Podman each its own. */
function continues(before: LogLine, next: { at?: number }): boolean {
  return before.at === next.at || before.text.length >= PIECE_BYTES
}

/**
 * Lines out of frames. A frame is one message of the log; a long line comes in several. A last word without a line end, as a killed
 * process leaves it, is a line of its own.
 */
export async function* linesOf(node: string, frames: AsyncIterable<Frame>): AsyncGenerator<LogLine> {
  const unfinished = new Map<Frame['stream'], LogLine>()
  for await (const { stream, data } of frames) {
    const cutter = new LineCutter()
    const whole = cutter.push(data)
    const pieces = [...whole.map((text) => ({ text, ends: true })), ...cutter.rest().map((text) => ({ text, ends: false }))]
    for (const piece of pieces) {
      const message = splitStamp(piece.text)
      const before = unfinished.get(stream)
      unfinished.delete(stream)
      const joins = before !== undefined && continues(before, message)
      if (before && !joins) yield before
      const line: LogLine = joins ? { ...before, text: before.text + message.text } : { node, stream, ...message }
      if (piece.ends) yield line
      else unfinished.set(stream, line)
    }
  }
  yield* unfinished.values()
}

/** Lines of a node, oldest first; with `follow` until the node ends or the signal aborts (which ends the lines without an error). */
export async function* logs(context: DockerContext, cluster: ClusterRef, nodeId: string, options: LogOptions): AsyncGenerator<LogLine> {
  const { signal } = options
  if (signal?.aborted) return
  let body: Readable
  try {
    const { engine } = await context.connect(signal)
    body = await engine.stream('GET', `/containers/${nameOf(cluster, nodeId)}/logs`, {
      query: {
        stdout: true,
        stderr: true,
        timestamps: true,
        follow: options.follow,
        tail: options.tail ?? 'all',
        since: options.sinceMs === undefined ? undefined : (options.sinceMs / 1000).toFixed(3),
      },
      signal,
    })
  } catch (error) {
    if (signal?.aborted) return
    throw explain(error, nodeId, 'read the log of')
  }
  try {
    for await (const line of linesOf(nodeId, demux(body))) {
      if (signal?.aborted) return
      yield line
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    body.destroy()
  }
}
