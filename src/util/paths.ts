// Where state and caches live. Reads the environment at each call, never at import.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** `$DEVCLUSTER_HOME`, else `$XDG_STATE_HOME/devcluster`, else `~/.local/state/devcluster`. */
export function stateHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env['DEVCLUSTER_HOME']) return env['DEVCLUSTER_HOME']
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'devcluster')
}

/** `$DEVCLUSTER_CACHE`, else `$XDG_CACHE_HOME/devcluster`, else `~/.cache/devcluster`. */
export function cacheHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env['DEVCLUSTER_CACHE']) return env['DEVCLUSTER_CACHE']
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'devcluster')
}

/** Folder of one cluster's state. */
export function clusterStateDir(id: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(stateHome(env), 'clusters', id)
}
