// A plain value (default export of a module, argument of a program) -> tree without positions. Refuses what a file could not say.
import type { Entry, Path, Source, TreeNode } from './tree.ts'

const MAX_DEPTH = 200

/** The tree and what cannot be data. `undefined` members are left out, as JSON does. */
export function fromObject(value: unknown, source: Source): { root: TreeNode; problems: readonly { path: Path; message: string }[] } {
  const problems: { path: Path; message: string }[] = []
  const span = { source }
  const open = new Set<object>()

  const refuse = (path: Path, message: string): TreeNode => {
    problems.push({ path, message })
    return { type: 'scalar', value: null, span }
  }

  const convert = (item: unknown, path: Path): TreeNode => {
    if (item === null || typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
      return { type: 'scalar', value: item, span }
    if (typeof item !== 'object') return refuse(path, `expected data, got a ${typeof item}`)
    if (open.has(item)) return refuse(path, 'contains itself')
    if (path.length > MAX_DEPTH) return refuse(path, `nested deeper than ${MAX_DEPTH} levels`)
    open.add(item)
    try {
      if (Array.isArray(item)) return { type: 'list', items: item.map((each: unknown, index) => convert(each, [...path, index])), span }
      const prototype: unknown = Object.getPrototypeOf(item)
      // Object.prototype of another realm (vm contexts of test runners) has no prototype itself.
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
        return refuse(path, 'expected plain data, got an instance of a class')
      const entries = new Map<string, Entry>()
      for (const [key, member] of Object.entries(item)) {
        if (key === '__proto__') refuse(path, 'the key __proto__ is not allowed')
        else if (member !== undefined) entries.set(key, { key: span, value: convert(member, [...path, key]) })
      }
      return { type: 'map', entries, span }
    } finally {
      open.delete(item)
    }
  }

  return { root: convert(value, []), problems }
}
