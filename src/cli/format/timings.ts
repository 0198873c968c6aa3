// Where the time of an up went: the path that decided it, then all steps. Pure.
import type { StepTiming } from '../../engine/apply.ts'
import type { Paint } from '../io.ts'
import { formatMs } from '../progress/words.ts'
import { columns } from './table.ts'

const row = (timing: StepTiming): string[] => [
  timing.id,
  formatMs(timing.toMs - timing.fromMs),
  `${formatMs(timing.fromMs)} to ${formatMs(timing.toMs)}`,
]

export function formatTimings(timings: readonly StepTiming[], critical: readonly StepTiming[], paint: Paint): string {
  const all = timings.toSorted((a, b) => a.fromMs - b.fromMs)
  return [paint.strong('critical path:'), columns(critical.map(row), '  '), paint.strong('all steps:'), columns(all.map(row), '  ')].join(
    '\n',
  )
}
