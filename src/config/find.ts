// Finds the cluster file from a folder upwards. Reads nothing; Node's built-ins only, as the hot paths use it.
import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DevclusterError } from '../errors.ts'

/** Names looked for in each folder, first match wins. */
export const CLUSTER_FILE_NAMES = ['devcluster.yaml', 'devcluster.yml', 'devcluster.json', 'devcluster.ts', 'devcluster.mjs'] as const

/**
 * Absolute path of the nearest cluster file in `cwd` or above it.
 * @throws DevclusterError CONFIG_NOT_FOUND
 */
export function findClusterFile(cwd: string): string {
  const start = resolve(cwd)
  for (let dir = start; ; dir = dirname(dir)) {
    for (const name of CLUSTER_FILE_NAMES) {
      const path = join(dir, name)
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path
    }
    if (dirname(dir) === dir) break
  }
  throw new DevclusterError('CONFIG_NOT_FOUND', `no ${CLUSTER_FILE_NAMES[0]} in ${start} or any folder above it`, {
    hint: 'make one with `devcluster init`, or name one with `-f FILE`',
  })
}
