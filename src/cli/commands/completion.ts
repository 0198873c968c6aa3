// `devcluster completion SHELL`: prints a script made from the table of commands.
import { DevclusterError } from '../../errors.ts'
import type { Run } from '../command.ts'
import { completionScript, SHELLS } from '../format/completion.ts'
import { GLOBAL_OPTIONS } from '../options.ts'
import { COMMANDS } from '../table.ts'

export const run: Run = async (call) => {
  const shell = SHELLS.find((known) => known === call.args[0])
  if (!shell)
    throw new DevclusterError('USAGE', `there is no completion for ${call.args[0] ?? ''}`, { hint: `one of ${SHELLS.join(', ')}` })
  await call.io.out(`${completionScript(shell, COMMANDS, GLOBAL_OPTIONS)}\n`)
  return 0
}
