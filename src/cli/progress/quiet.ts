// No progress: only warnings.
import type { Io } from '../io.ts'
import type { Progress } from './create.ts'
import { warningLine } from './words.ts'

export function quietProgress(io: Io): Progress {
  return {
    report: (event) => {
      if (event.type === 'warning') io.note(warningLine(event, io.errPaint))
    },
    end: () => Promise.resolve(),
  }
}
