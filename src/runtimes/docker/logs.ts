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

/** Lines out of frames. A frame is one message of the log; one longer than 16 KiB comes in several, each with its own stamp. */
export async function* linesOf(node: string, frames: AsyncIterable<Frame>): AsyncGenerator<LogLine> {
  const held = new Map<Frame['stream'], { at?: number; text: string }>()
  for await (const { stream, data } of frames) {
    const cutter = new LineCutter()
    const whole = cutter.push(data)
    const part = cutter.rest()
    for (const line of whole) {
      const { at, text } = splitStamp(line)
      const before = held.get(stream)
      held.delete(stream)
      const first = before?.at ?? at
      yield { node, stream, text: (before?.text ?? '') + text, ...(first === undefined ? {} : { at: first }) }
    }
    for (const rest of part) {
      const { at, text } = splitStamp(rest)
      const before = held.get(stream)
      const first = before?.at ?? at
      held.set(stream, { text: (before?.text ?? '') + text, ...(first === undefined ? {} : { at: first }) })
    }
  }
  for (const [stream, rest] of held) yield { node, stream, ...rest }
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
    yield* linesOf(nodeId, demux(body))
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    body.destroy()
  }
}
