// For completion scripts: node ids and service names of the cluster here, one per line. Silent when there is none.
import type { Run } from '../command.ts'
import { locate } from '../hot/locate.ts'

export const run: Run = async (call) => {
  const stored = await locate(call).catch(() => undefined)
  const words = stored ? [...stored.services.map((service) => service.name), ...stored.nodes.map((node) => node.id)] : []
  if (words.length > 0) await call.io.out(`${[...new Set(words)].join('\n')}\n`)
  return 0
}
