// The stored cluster that a call means, by the cheap way first, by the library's otherwise.
import type { ClusterSummary } from '../../engine/summary.ts'
import type { Call } from '../command.ts'
import { locate } from './locate.ts'

/** @throws CLUSTER_NOT_FOUND, CONFIG_NOT_FOUND */
export async function requireStored(call: Call): Promise<ClusterSummary> {
  const found = await locate(call)
  if (found) return found
  const [{ storedOf }, { summaryOf }, { targetOf }] = await Promise.all([
    import('../../lifecycle/connect.ts'),
    import('../../engine/summary.ts'),
    import('../target.ts'),
  ])
  return summaryOf(await storedOf(await targetOf(call)))
}
