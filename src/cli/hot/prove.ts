// Proves that a stored cluster is usable: every node runs what was rendered for it and answers its protocol. Built-ins only.
// Says only yes or no: who wants the reason takes the library's way.
import type { ClusterSummary } from '../../engine/summary.ts'
import type { ClusterStatus, NodeStatus } from '../../lifecycle/status.ts'
import { formatAddress } from '../../model/placement.ts'
import { HANDSHAKES } from '../../services/handshakes.ts'
import { observeRunning } from './observe.ts'

/** Longest that all handshakes together may take before the library's way is taken, ms. */
const WITHIN_MS = 1_500

/** Asks every node of every service, all at once; undefined where a kind cannot be asked. */
async function ask(stored: ClusterSummary, signal: AbortSignal): Promise<readonly Promise<boolean>[] | undefined> {
  const handshakes = await Promise.all(
    stored.services.map(async ({ kind }) => (Object.hasOwn(HANDSHAKES, kind) ? HANDSHAKES[kind]?.() : undefined)),
  )
  if (handshakes.includes(undefined)) return undefined
  return stored.services.map(async ({ name }, index) => {
    const nodes = stored.nodes.filter((node) => node.service === name)
    const verdicts = await handshakes[index]?.default(nodes, signal)
    return nodes.every((node) => verdicts?.[node.id]?.ready === true)
  })
}

/** The status of a cluster in which all is well; undefined for any other. Never throws. */
export async function proveReady(stored: ClusterSummary, signal: AbortSignal): Promise<ClusterStatus | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
    const asked = await ask(stored, limit)
    if (!asked) return undefined
    // What runs is looked at while the answers are on their way.
    const [seen, ...ready] = await Promise.all([observeRunning(stored), ...asked])
    if (!ready.every(Boolean) || !stored.nodes.every((node) => seen.get(node.id)?.fingerprint === node.fingerprint)) return undefined
    return {
      v: 1,
      id: stored.id,
      name: stored.name,
      runtime: stored.runtime,
      ready: true,
      persistent: stored.owner === undefined,
      services: stored.services.map((service) => ({
        name: service.name,
        kind: service.kind,
        description: stored.about?.[service.name]?.description ?? service.kind,
        ready: true,
      })),
      nodes: stored.nodes.map(
        (node): NodeStatus => ({
          id: node.id,
          service: node.service,
          kind: node.kind,
          role: node.role,
          state: 'ready',
          ports: Object.fromEntries(Object.entries(node.ports).map(([name, address]) => [name, formatAddress(address)])),
          handle: seen.get(node.id)?.handle ?? '',
          standIn: seen.get(node.id)?.standIn ?? false,
        }),
      ),
    }
  } catch {
    return undefined
  }
}
