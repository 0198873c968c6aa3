// Runs an action: progress on stderr (or events on stdout with --json), then its result. The last event is always of type result.
import { isDevclusterError } from '../errors.ts'
import type { ClusterEvent, Reporter } from '../model/event.ts'
import type { Call } from './command.ts'
import { errorFacts } from './print-error.ts'
import { createProgress } from './progress/create.ts'

/** What an action ended with. */
export interface Outcome {
  /** Cluster id; empty where it is about no one cluster. */
  readonly cluster: string
  /** For --json. */
  readonly data?: Readonly<Record<string, unknown>>
  /** For people, without a final line break; printed to stdout. */
  readonly text?: string
  /** The text is what was asked for, not news of what was done: also told with --quiet. */
  readonly isData?: boolean
  readonly code?: number
}

/** Where a failed up left its report. */
export function reportOf(error: unknown): Pick<ClusterEvent, 'data'> {
  const report = isDevclusterError(error) ? error.data['report'] : undefined
  return typeof report === 'string' ? { data: { report } } : {}
}

export async function act(call: Call, work: (onEvent: Reporter) => Promise<Outcome>): Promise<number> {
  const began = performance.now()
  const json = call.flags.on('json')
  const progress = await createProgress(call)
  let cluster = ''
  const onEvent: Reporter = (event) => {
    cluster = event.cluster
    progress.report(event)
  }
  const result = (body: Partial<ClusterEvent>) => {
    const ms = Math.round(performance.now() - began)
    return call.io.out(`${JSON.stringify({ v: 1, at: Date.now(), type: 'result', cluster, ms, ...body })}\n`)
  }
  try {
    const outcome = await work(onEvent)
    await progress.end(true)
    if (json)
      await result({ state: outcome.code ? 'failed' : 'ok', cluster: outcome.cluster, ...(outcome.data ? { data: outcome.data } : {}) })
    else if (outcome.text !== undefined && outcome.text !== '' && (outcome.isData || !call.flags.on('quiet')))
      await call.io.out(`${outcome.text}\n`)
    return outcome.code ?? 0
  } catch (error) {
    await progress.end(false)
    if (json) await result({ state: 'failed', error: errorFacts(error), ...reportOf(error) })
    throw error
  }
}
