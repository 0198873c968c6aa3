// From global options to what the library takes. Pure, types only from the library.
import type { ClusterTarget } from '../lifecycle/connect.ts'
import type { ClusterSource, LoadOptions } from '../lifecycle/options.ts'
import type { Call } from './command.ts'

/** The cluster files named; undefined: look upwards. */
export function sourceOf(call: Call): ClusterSource {
  const files = call.flags.list('file')
  return files.length > 0 ? files : undefined
}

export function loadOptionsOf(call: Call): LoadOptions {
  const { flags, io } = call
  const runtime = flags.text('runtime')
  const id = flags.text('id')
  return {
    cwd: io.cwd,
    env: io.env,
    ...(flags.on('set') ? { set: flags.list('set') } : {}),
    ...(flags.on('profile') ? { profiles: flags.list('profile') } : {}),
    ...(runtime === 'docker' || runtime === 'process' || runtime === 'auto' ? { runtime } : {}),
    ...(id === undefined ? {} : { id }),
  }
}

/** Which existing cluster is meant: `--id`, the one whose state is found by the folder alone, else whatever the file says. */
export async function targetOf(call: Call): Promise<ClusterTarget> {
  const id = call.flags.text('id')
  if (id !== undefined) return { id }
  const { locate } = await import('./hot/locate.ts')
  const found = await locate(call)
  if (found) return { id: found.id }
  const file = call.flags.list('file')[0]
  return { cwd: call.io.cwd, ...(file === undefined ? {} : { file }) }
}
