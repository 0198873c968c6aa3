// Settings with their origins as text. Pure. Nodes whose settings are the same share one block.
import type { Explained } from '../../model/node.ts'
import type { Paint } from '../io.ts'
import { columns } from './table.ts'

export function formatExplain(explain: Readonly<Record<string, readonly Explained[]>>, paint: Paint): string {
  const blocks = new Map<string, { nodes: string[]; settings: readonly Explained[] }>()
  for (const [node, settings] of Object.entries(explain)) {
    const key = JSON.stringify(settings)
    const block = blocks.get(key) ?? { nodes: [], settings }
    block.nodes.push(node)
    blocks.set(key, block)
  }
  return [...blocks.values()]
    .map(({ nodes, settings }) => {
      const rows = settings.map(({ setting, value, origin, why }) => [setting, value, origin, paint.dim(why)])
      return `${paint.strong(nodes.join(', '))}\n${rows.length === 0 ? '  nothing to explain' : columns([['SETTING', 'VALUE', 'ORIGIN', 'WHY'], ...rows], '  ')}`
    })
    .join('\n\n')
}
