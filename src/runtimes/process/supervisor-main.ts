// The program that becomes a supervisor: loaded and waiting before it is known what for. Its first line of input names the cluster; whoever started it
// and then has nothing to start ends its input, and it goes without having touched anything.
import { parseOrder, supervise } from './supervisor.ts'
import { onLines } from './supervisor-protocol.ts'

/** Nobody who started it thinks this long, ms. */
const IDLE_MS = 60_000

let next: ((line: string) => void) | undefined
// Without its input and this timer nothing is left to wait for, which ends the program.
const idle = setTimeout(() => process.stdin.destroy(), IDLE_MS)

onLines(process.stdin, (line) => {
  clearTimeout(idle)
  if (next) next(line)
  else next = supervise(parseOrder(line))
})
process.stdin.on('end', () => clearTimeout(idle))
process.stdin.on('error', () => clearTimeout(idle))
