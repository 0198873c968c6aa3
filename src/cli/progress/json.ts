// Progress for machines: every event on a line of its own, to stdout. Amounts of one step come a few times a second, and the last of them.
import type { ClusterEvent } from '../../model/event.ts'
import type { Io } from '../io.ts'
import type { Progress } from './create.ts'

/** An amount of one step is worth an event this often, ms. */
const EVERY_MS = 200

export function jsonProgress(io: Pick<Io, 'out'>): Progress {
  let last: Promise<void> = Promise.resolve()
  const toldAt = new Map<string, number>()
  const held = new Map<string, ClusterEvent>()
  const tell = (event: ClusterEvent) => {
    last = io.out(`${JSON.stringify(event)}\n`)
  }
  const tellHeld = (step: string) => {
    const event = held.get(step)
    if (held.delete(step) && event) tell(event)
  }
  return {
    report: (event) => {
      const { step } = event
      if (step === undefined) return tell(event)
      if (event.state !== 'progress' || !event.progress) {
        tellHeld(step)
        return tell(event)
      }
      if (event.at - (toldAt.get(step) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) {
        held.set(step, event)
        return
      }
      held.delete(step)
      toldAt.set(step, event.at)
      tell(event)
    },
    end: () => {
      for (const step of held.keys()) tellHeld(step)
      return last
    },
  }
}
