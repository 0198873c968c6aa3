// A document as a tree in which every value and key knows where it was written. Knows nothing of services or schemas.

/** Where text came from. */
export interface Source {
  /** `module`: a .ts or .mjs file, `object`: a value handed over by a program; neither has positions inside. */
  readonly kind: 'file' | 'module' | 'flag' | 'object'
  /** Absolute path of a file, the flag as typed, or `object`. */
  readonly name: string
  /** Folder that relative paths in it belong to. */
  readonly dir: string
  readonly text?: string
}

/** A piece of a source, as offsets into its text; without offsets the source as a whole. */
export interface Span {
  readonly source: Source
  readonly start?: number
  readonly end?: number
}

export interface ScalarNode {
  readonly type: 'scalar'
  readonly value: string | number | boolean | null
  readonly span: Span
  /** The text behind a value that interpolation typed anew: used where a schema wants text after all (`version: ${V}` with 4.30). */
  readonly text?: string
  /** Variables that interpolation put into it. */
  readonly variables?: readonly string[]
}

export interface Entry {
  readonly key: Span
  readonly value: TreeNode
}

export interface MapNode {
  readonly type: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  readonly span: Span
}

export interface ListNode {
  readonly type: 'list'
  readonly items: readonly TreeNode[]
  readonly span: Span
}

export type TreeNode = ScalarNode | MapNode | ListNode
export type Path = readonly (string | number)[]

/** Result of walking a path as far as the document goes. */
export interface Located {
  /** The deepest node on the path. */
  readonly node: TreeNode
  /** Key of the deepest map entry on the path. */
  readonly key?: Span
  /** True when the whole path exists. */
  readonly exact: boolean
}

/** Walks `path` from `root` as far as it exists. */
export function locate(root: TreeNode, path: Path): Located {
  let node = root
  let key: Span | undefined
  for (const part of path) {
    let next: TreeNode | undefined
    if (node.type === 'map') {
      const entry = node.entries.get(String(part))
      if (entry) key = entry.key
      next = entry?.value
    } else if (node.type === 'list' && typeof part === 'number') {
      next = node.items[part]
      if (next) key = undefined
    }
    if (!next) return { node, exact: false, ...(key && { key }) }
    node = next
  }
  return { node, exact: true, ...(key && { key }) }
}

/** The node at a path, or undefined. */
export function nodeAt(root: TreeNode, path: Path): TreeNode | undefined {
  const found = locate(root, path)
  return found.exact ? found.node : undefined
}

/** What to point at for a path: the value, or the key where asked, where the value is a collection, or where the path ends early. */
export function spanAt(root: TreeNode, path: Path, at: 'key' | 'value' = 'value'): Span {
  const { node, key, exact } = locate(root, path)
  if (at === 'value' && exact && node.type === 'scalar' && node.span.end !== node.span.start) return node.span
  if (key) return key
  // A whole document or list item: its first character is enough.
  const { source, start } = node.span
  return start === undefined ? { source } : { source, start, end: start + 1 }
}

/** The same document without positions. */
export function toPlain(node: TreeNode): unknown {
  switch (node.type) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toPlain)
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toPlain(entry.value)]))
  }
}

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/

/** `config["log.retention.hours"]`, `topics.orders.replicas`, `pipeline[0].from`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (PLAIN_KEY.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part)}]`
  }
  return text
}
