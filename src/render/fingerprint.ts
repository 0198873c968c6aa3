// A stable hash of plain data: key order does not matter, array order does. It knows nothing of nodes beyond what it leaves out.
import { createHash } from 'node:crypto'
import type { NodeSpec } from '../model/node.ts'

/** JSON with sorted keys; members that are undefined are left out, as in JSON. */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item ?? null)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${stableJson(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/**
 * Hash of everything that a running node depends on: 32 hex digits. Left out, because changing it needs no restart: `explain`
 * and `commands` (for people and tools), the start and stop order in `shape`. Addresses are in: nodes carry them in their configuration.
 */
export function fingerprint(node: Omit<NodeSpec, 'fingerprint'>): string {
  const { explain: _explain, commands: _commands, shape, ...rest } = node
  const { after: _after, stopRank: _stopRank, ...lasting } = shape
  return createHash('sha256')
    .update(stableJson({ ...rest, shape: lasting }))
    .digest('hex')
    .slice(0, 32)
}
