// Finds the state of the cluster that is meant, without reading its file: by id, or by the folder that the id is made of.
// Where that leaves a doubt it answers undefined, and the library reads the file. Node's built-ins only.
import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { findClusterFile } from '../../config/find.ts'
import type { LoadInputs } from '../../config/inputs.ts'
import { readSummary, storedIds } from '../../engine/look.ts'
import type { ClusterSummary } from '../../engine/summary.ts'
import type { Call } from '../command.ts'

/** The cluster files that a call names or finds, absolute; empty when there is none. */
export function rootsOf(call: Pick<Call, 'flags' | 'io'>): readonly string[] {
  const named = call.flags.list('file')
  if (named.length > 0) return named.map((file) => resolve(call.io.cwd, file))
  try {
    return [findClusterFile(call.io.cwd)]
  } catch {
    return []
  }
}

/** The inputs a stored cluster was made from; it was written by `up`, maybe an older one. */
export function inputsOf(stored: ClusterSummary): LoadInputs | undefined {
  const value = stored.inputs
  const complete =
    typeof value === 'object' &&
    value !== null &&
    'roots' in value &&
    'files' in value &&
    'variables' in value &&
    'references' in value &&
    'sets' in value &&
    'profiles' in value
  return complete ? (value as LoadInputs) : undefined
}

function realpathOf(dir: string): string | undefined {
  try {
    return realpathSync(dir)
  } catch {
    return undefined
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}

/** The stored cluster of this call; undefined when there is none or it is not certain. */
export async function locate(call: Pick<Call, 'flags' | 'io'>): Promise<ClusterSummary | undefined> {
  const { flags, io } = call
  const id = flags.text('id')
  if (id !== undefined) return readSummary(id)
  const roots = rootsOf(call)
  // A folder whose file is gone still names its cluster. Comparing folders is comparing ids, without the price of a hash.
  const dir = realpathOf(dirname(roots[0] ?? resolve(io.cwd, 'none')))
  if (dir === undefined) return undefined
  const stored = await Promise.all(storedIds().map((candidate) => readSummary(candidate)))
  const known = stored.flatMap((cluster) => (cluster?.realDir === dir && !cluster.owner ? [cluster] : []))
  const fitting = roots.length === 0 ? known : known.filter((cluster) => same(inputsOf(cluster)?.roots ?? [], roots))
  // `--set` may give another name, and with it another cluster; without it the only one of these files is meant.
  if (!flags.on('set') && fitting.length <= 1) return fitting[0]
  const { sameInputs } = await import('../../config/inputs.ts')
  const unchanged = fitting.filter((cluster) => {
    const inputs = inputsOf(cluster)
    return inputs !== undefined && sameInputs(inputs, io.env, { roots, sets: flags.list('set') })
  })
  return unchanged.length === 1 ? unchanged[0] : undefined
}
