// How busy the machine is before a sample. Waits a while for others to finish; what remains is written beside the result.
import { readFileSync } from 'node:fs'
import { sleep } from './process.mjs'

const WINDOW_MS = 400
const QUIET = 0.2

function ticks() {
  const [, user, nice, system, idle, wait, irq, soft, steal] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).map(Number)
  const busy = user + nice + system + irq + soft + steal
  return { busy, all: busy + idle + wait }
}

/** Share of all processors that was busy during the window, 0 to 1. */
async function busyShare() {
  const before = ticks()
  await sleep(WINDOW_MS)
  const after = ticks()
  return (after.busy - before.busy) / Math.max(1, after.all - before.all)
}

/** Returns when the machine is quiet, or the patience is over. @returns the share that was busy at the end */
export async function quiet(patienceMs) {
  const until = performance.now() + patienceMs
  for (;;) {
    const share = await busyShare()
    if (share < QUIET || performance.now() > until) return share
  }
}
