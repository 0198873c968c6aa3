// Lays one document over another: maps deep, lists and scalars replace, null deletes. Positions follow the document that supplied the value.
import type { MapNode, TreeNode } from './tree.ts'

/**
 * `over` laid over `base`. A null deletes what `base` has; where `base` has nothing it stays, as `shop:` alone means a service with defaults.
 */
export function merge(base: TreeNode, over: TreeNode): TreeNode {
  if (base.type !== 'map' || over.type !== 'map') return over
  const entries = new Map(base.entries)
  for (const [name, entry] of over.entries) {
    const below = entries.get(name)
    if (!below) entries.set(name, entry)
    else if (entry.value.type === 'scalar' && entry.value.value === null) entries.delete(name)
    else entries.set(name, { key: entry.key, value: merge(below.value, entry.value) })
  }
  return { type: 'map', entries, span: over.span }
}

/** A map without some of its keys. */
export function without(map: MapNode, names: ReadonlySet<string>): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([name]) => !names.has(name))) }
}
