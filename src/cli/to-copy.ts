// A command for the reader to copy: the program as it can be called here, and the options that name the same cluster. Prints nothing.
import { basename, delimiter, dirname } from 'node:path'
import type { Call } from './command.ts'

/** `devcluster` where the shell finds it by that name; out of a project's dependencies only npx does. */
function program(env: NodeJS.ProcessEnv, script: string | undefined): string {
  const byName = script !== undefined && basename(script) === 'devcluster' && (env['PATH'] ?? '').split(delimiter).includes(dirname(script))
  return byName && env['npm_command'] === undefined ? 'devcluster' : 'npx devcluster'
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** `devcluster consume orders` -> `npx devcluster consume orders -f cluster.yaml` where that is what works. */
export function toCopy(command: string, { flags, io }: Pick<Call, 'flags' | 'io'>, script = process.argv[1]): string {
  const id = flags.text('id')
  const named = id === undefined ? flags.list('file').flatMap((file) => ['-f', file]) : ['--id', id]
  return [command.replace(/^devcluster\b/, program(io.env, script)), ...named.map(quoted)].join(' ')
}
