// The stored cluster that a call means, by the cheap way first, by the library's otherwise.
import type { StoredCluster } from '../../engine/state.ts'
import type { Call } from '../command.ts'
import { locate } from './locate.ts'

/** @throws CLUSTER_NOT_FOUND, CONFIG_NOT_FOUND */
export async function requireStored(call: Call): Promise<StoredCluster> {
  const found = await locate(call)
  if (found) return found
  const [{ storedOf }, { targetOf }] = await Promise.all([import('../../lifecycle/connect.ts'), import('../target.ts')])
  return storedOf(await targetOf(call))
}
