// Walks a plan: each step runs when its needs are done; the first failure stops all others. Takes no decisions.
import { DevclusterError, isDevclusterError, messageOf } from '../errors.ts'
import type { Plan, Step } from '../model/plan.ts'
import type { Emit } from './emit.ts'

/** When a step ran, for `--timings`. */
export interface StepTiming {
  readonly id: string
  /** Ms since apply began. */
  readonly fromMs: number
  readonly toMs: number
  readonly needs: readonly string[]
}

export interface StepResult {
  /** True when the step found nothing to do after all. */
  readonly skipped?: boolean
  readonly message?: string
}

export type RunStep = (step: Step, signal: AbortSignal) => Promise<StepResult>

/** @throws the first failure (a DevclusterError); ABORTED when the signal aborted. Running steps have settled by then. */
export async function apply(plan: Plan, run: RunStep, emit: Emit, signal: AbortSignal): Promise<StepTiming[]> {
  const began = performance.now()
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const timings: StepTiming[] = []
  const done = new Set<string>()
  const waiting = new Map(plan.steps.map((step) => [step.id, step]))
  let failure: DevclusterError | undefined

  const fail = (step: Step, error: unknown) => {
    // What aborted steps throw is only an echo of the first failure.
    if (failure || both.aborted) return
    failure = isDevclusterError(error) ? error : new DevclusterError('INTERNAL', `${step.id}: ${messageOf(error)}`, { cause: error })
    emit({
      type: 'step',
      step: step.id,
      state: 'failed',
      ...nodeOf(step),
      error: { code: failure.code, message: failure.message, ...(failure.hint ? { hint: failure.hint } : {}) },
    })
    stop.abort(failure)
  }

  await new Promise<void>((resolve) => {
    let running = 0
    const launch = () => {
      if (!both.aborted) {
        for (const step of waiting.values()) {
          if (!step.needs.every((need) => done.has(need))) continue
          waiting.delete(step.id)
          running++
          void execute(step)
        }
      }
      if (running === 0) resolve()
    }
    const execute = async (step: Step) => {
      const fromMs = performance.now() - began
      emit({ type: 'step', step: step.id, state: 'started', because: step.because, ...nodeOf(step) })
      try {
        const result = await run(step, both)
        const toMs = performance.now() - began
        timings.push({ id: step.id, fromMs, toMs, needs: step.needs })
        done.add(step.id)
        emit({
          type: 'step',
          step: step.id,
          state: result.skipped ? 'skipped' : 'done',
          ms: Math.round(toMs - fromMs),
          ...nodeOf(step),
          ...(result.message ? { message: result.message } : {}),
        })
      } catch (error) {
        fail(step, error)
      }
      running--
      launch()
    }
    launch()
  })

  if (failure) throw failure
  if (signal.aborted) throw new DevclusterError('ABORTED', 'interrupted', { cause: signal.reason })
  const stuck = [...waiting.keys()]
  if (stuck.length > 0) throw new DevclusterError('INTERNAL', `the plan has steps that can never run: ${stuck.join(', ')}`)
  return timings
}

function nodeOf(step: Step): { node?: string } {
  return 'node' in step.op ? { node: step.op.node } : {}
}

/** The chain of steps that decided how long it took, first to last. */
export function criticalPath(timings: readonly StepTiming[]): StepTiming[] {
  const byId = new Map(timings.map((timing) => [timing.id, timing]))
  const latest = (candidates: readonly StepTiming[]) =>
    candidates.reduce<StepTiming | undefined>((best, next) => (best && best.toMs >= next.toMs ? best : next), undefined)
  const path: StepTiming[] = []
  let current = latest(timings)
  while (current) {
    path.unshift(current)
    current = latest(current.needs.flatMap((need) => byId.get(need) ?? []))
  }
  return path
}
