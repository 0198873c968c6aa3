// A look at the clusters that are stored: which there are, and the small half of each. Writes nothing. Node's plain `fs` only, as the hot paths use it:
// its promises load a dozen modules, which a `status` would pay for.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { clusterStateDir, stateHome } from '../util/paths.ts'
import type { ClusterSummary } from './summary.ts'

export function stateFile(id: string): string {
  return join(clusterStateDir(id), 'cluster.json')
}

/** Beside the state file: its small half, with the state file's size and time as a mark that the two belong together. */
export function summaryFile(id: string): string {
  return join(clusterStateDir(id), 'summary.json')
}

/** Lock file of a cluster; outside its folder, which `down` removes. */
export function lockFile(id: string): string {
  return join(stateHome(), 'locks', `${id}.lock`)
}

/** Ids that have a state folder. */
export function storedIds(): string[] {
  try {
    const entries = readdirSync(join(stateHome(), 'clusters'), { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch {
    return []
  }
}

/** What looking at a cluster needs; out of the whole state where the small half is missing or of another writing. */
export async function readSummary(id: string): Promise<ClusterSummary | undefined> {
  const info = statSync(stateFile(id), { throwIfNoEntry: false })
  if (!info) return undefined
  const value = parsed(summaryFile(id))
  if (isSummary(value) && value.of.size === info.size && value.of.mtimeMs === info.mtimeMs) return value.summary
  const [{ readStored }, { summaryOf }] = await Promise.all([import('./state.ts'), import('./summary.ts')])
  const stored = await readStored(id)
  return stored && summaryOf(stored)
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function isSummary(value: unknown): value is { of: { size: number; mtimeMs: number }; summary: ClusterSummary } {
  if (typeof value !== 'object' || value === null || !('of' in value) || !('summary' in value)) return false
  return typeof value.of === 'object' && value.of !== null && 'size' in value.of && 'mtimeMs' in value.of
}
