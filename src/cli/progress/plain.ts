// Progress as lines, for logs and CI: a line when a node changes state, throttled lines while something is fetched or seeded.
import type { ClusterEvent } from '../../model/event.ts'
import type { Io } from '../io.ts'
import type { Progress } from './create.ts'
import { formatMs, progressText, warningLine } from './words.ts'

/** Progress of one step is worth a line this often, ms. */
const EVERY_MS = 2_000

export interface PlainOptions {
  /** Also every step, and every changed answer of a probe. */
  readonly verbose: boolean
  readonly now?: () => number
}

/** Steps that tell something no node's state does. */
const worthALine = (step: string) => /^(fetch|seed|check-seeds|remove)\b/.test(step)

export function plainProgress(io: Pick<Io, 'note' | 'errPaint'>, options: PlainOptions): Progress {
  const now = options.now ?? Date.now
  const { dim, green, strong } = io.errPaint
  const lastLine = new Map<string, number>()
  const began = new Map<string, number>()

  const node = (event: ClusterEvent) => {
    const id = event.node ?? ''
    if (event.state === 'starting') began.set(id, now())
    const since = began.get(id)
    const took = event.state === 'ready' && since !== undefined ? ` ${dim(formatMs(now() - since))}` : ''
    const state = event.state === 'ready' ? green('ready') : (event.state ?? '')
    // A node that runs is about to be asked: that it was started is said already.
    if (event.state !== 'running' || options.verbose)
      io.note(`${strong(id)} ${state}${took}${event.because ? dim(` (${event.because})`) : ''}`)
  }

  const step = (event: ClusterEvent) => {
    const id = event.step ?? ''
    if (!worthALine(id) && !options.verbose) return
    if (event.state === 'started') {
      lastLine.set(id, now())
      if (options.verbose) io.note(`${id}${event.because ? dim(` (${event.because})`) : ''}`)
    } else if (event.state === 'progress') {
      // The first amount is a beginning, not news: what is over soon is told whole by the result.
      if (!lastLine.has(id)) lastLine.set(id, now() - (options.verbose ? EVERY_MS : 0))
      if (!options.verbose && now() - (lastLine.get(id) ?? 0) < EVERY_MS) return
      lastLine.set(id, now())
      io.note(`${id}: ${progressText(event)}`)
    } else if (event.state === 'done') {
      // Looking into a full cache is no news.
      const tells = event.message !== undefined || (event.ms ?? 0) >= 1_000 || options.verbose
      if (tells)
        io.note(
          `${id} ${green('done')}${event.ms === undefined ? '' : ` ${dim(formatMs(event.ms))}`}${event.message ? `: ${event.message}` : ''}`,
        )
    }
  }

  return {
    report: (event) => {
      if (event.type === 'plan' && event.message) io.note(dim(event.message))
      else if (event.type === 'warning') io.note(warningLine(event, io.errPaint))
      else if (event.type === 'node') node(event)
      else if (event.type === 'step') step(event)
    },
    end: () => Promise.resolve(),
  }
}
