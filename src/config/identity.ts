// Names and ids of clusters. Looks at the folder's real path and nothing else.
import { createHash, randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { basename } from 'node:path'

/** A folder's name as a cluster's: lower case, what does not fit becomes hyphens. */
export function nameOfFolder(dir: string): string {
  const cleaned = basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 31)
    .replace(/-+$/, '')
  return cleaned === '' ? 'cluster' : cleaned
}

/** `<name>-<8 hex>`: the same folder gives the same id, two worktrees never the same. */
export function idOfFolder(name: string, dir: string): string {
  return `${name}-${createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 8)}`
}

/** Id of a cluster that has no file. */
export function randomId(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`
}
