// `devcluster env`: connection settings in the form that the caller's tool reads. Loads Node's built-ins and our own small files only.
import type { Run } from '../command.ts'
import { type EnvFormat, formatEnv, githubMasks } from '../format/env.ts'
import { requireStored } from '../hot/require.ts'

const FORMATS: readonly EnvFormat[] = ['dotenv', 'shell', 'json', 'spring', 'github']

export const run: Run = async (call) => {
  const stored = await requireStored(call)
  const format = call.flags.on('json') ? 'json' : (FORMATS.find((known) => known === call.flags.text('format')) ?? 'dotenv')
  const env = stored.env[call.flags.text('from') === 'container' ? 'container' : 'host']
  if (stored.runtime === 'process' && call.flags.text('from') === 'container')
    call.io.note('note: these nodes are processes of this machine: a container reaches them only when it shares its network')
  if (format === 'github') for (const line of githubMasks(env, stored.secrets)) call.io.note(line)
  const text = formatEnv(format, env, stored.spring)
  if (text !== '') await call.io.out(`${text}\n`)
  return 0
}
