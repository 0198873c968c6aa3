// Runs a probe until it says ready, says fatal, or time is over; keeps the history of answers. Knows no service.
import { messageOf } from '../errors.ts'
import type { Probe, Verdict } from '../model/probe.ts'
import { delay } from '../util/async.ts'

/** One answer and how long it was the answer. */
export interface ProbeAnswer {
  readonly why: string
  /** Ms since the wait began. */
  readonly fromMs: number
  toMs: number
  tries: number
}

export interface WaitResult {
  readonly outcome: 'ready' | 'late' | 'fatal'
  readonly ms: number
  readonly detail?: string
  readonly history: readonly ProbeAnswer[]
}

export interface WaitOptions {
  readonly withinMs: number
  readonly signal: AbortSignal
  /** Told whenever the answer changes. */
  readonly onWhy?: (why: string) => void
  /** Filled while waiting, so that whoever gives up early still has it. */
  readonly history?: ProbeAnswer[]
}

/** First steps between two tries, ms; a handshake costs 2 to 3 ms, so that readiness is noticed 10 ms late on average. */
const STEP_MS = 20
/** After this long a wait is no longer short: steps grow to SLOW_STEP_MS. */
const EAGER_MS = 10_000
const SLOW_STEP_MS = 250
/** Longest that one try may take at first. A server that accepts before it answers would otherwise cost seconds. */
const TRY_MS = 250
const SLOWEST_TRY_MS = 5_000
const HISTORY_LIMIT = 60

/** @throws the signal's reason when it aborts. */
export async function waitUntilReady(probe: Probe, options: WaitOptions): Promise<WaitResult> {
  const started = performance.now()
  const history = options.history ?? []
  let tryMs = TRY_MS
  for (;;) {
    options.signal.throwIfAborted()
    const verdict = await tryOnce(probe, tryMs, options.signal)
    const ms = performance.now() - started
    if (verdict.ready) return { outcome: 'ready', ms, history, ...(verdict.detail === undefined ? {} : { detail: verdict.detail }) }
    // A starved machine needs longer tries, or no answer would ever arrive in time.
    if (verdict.timedOut) tryMs = Math.min(tryMs * 1.6, SLOWEST_TRY_MS)
    note(history, verdict.why, ms, options.onWhy)
    if (verdict.fatal) return { outcome: 'fatal', ms, history }
    if (ms >= options.withinMs) return { outcome: 'late', ms, history }
    await delay(ms < EAGER_MS ? STEP_MS : SLOW_STEP_MS, options.signal)
  }
}

type TryVerdict =
  | (Verdict & { readonly ready: true })
  | { readonly ready: false; readonly why: string; readonly fatal?: boolean; readonly timedOut: boolean }

async function tryOnce(probe: Probe, tryMs: number, signal: AbortSignal): Promise<TryVerdict> {
  const limit = AbortSignal.timeout(Math.round(tryMs))
  try {
    const verdict = await probe(AbortSignal.any([signal, limit]))
    return verdict.ready ? verdict : { ...verdict, timedOut: limit.aborted }
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted) return { ready: false, why: `no answer within ${Math.round(tryMs)} ms`, timedOut: true }
    return { ready: false, why: messageOf(error), timedOut: false }
  }
}

function note(history: ProbeAnswer[], why: string, ms: number, onWhy: ((why: string) => void) | undefined): void {
  const last = history.at(-1)
  if (last && last.why === why) {
    last.toMs = ms
    last.tries++
    return
  }
  onWhy?.(why)
  history.push({ why, fromMs: ms, toMs: ms, tries: 1 })
  // Keep the first and the newest answers of a flapping probe.
  if (history.length > HISTORY_LIMIT) history.splice(HISTORY_LIMIT / 2, 1)
}
