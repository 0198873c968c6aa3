// `devcluster up`: brings the cluster up and says how to reach it. With nothing to do it only proves that, from Node's built-ins.
import type { Run } from '../command.ts'
import { upHotCommand } from '../hot/up.ts'

export const run: Run = async (call) => {
  if (call.flags.on('dry-run')) return (await import('./plan.ts')).run(call)
  return (await upHotCommand(call)) ?? (await import('./up-whole.ts')).run(call)
}
