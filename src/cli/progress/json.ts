// Progress for machines: every event on a line of its own, to stdout.
import type { Io } from '../io.ts'
import type { Progress } from './create.ts'

export function jsonProgress(io: Io): Progress {
  let last: Promise<void> = Promise.resolve()
  return {
    report: (event) => {
      last = io.out(`${JSON.stringify(event)}\n`)
    },
    end: () => last,
  }
}
