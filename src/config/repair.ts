// Best guess at what a wrong map meant, so that later passes find their own mistakes in the same run. Its result is never used to start anything.
import type { z } from 'zod'
import type { Explained } from './explain-issue.ts'
import { type Entry, type MapNode, nodeAt, type Path, type TreeNode } from './tree.ts'
import { type ValidateOptions, validate } from './validate.ts'

/** A value that passes its schema, or undefined; `doubts` are the keys whose values are guesses. */
export interface Repaired<T> {
  readonly value: T | undefined
  readonly doubts: ReadonlySet<string>
}

/** Renames misspelt keys to what they nearly are and drops values that cannot be, until the rest is valid. */
export function repair<T>(schema: z.ZodType<T>, map: MapNode, findings: readonly Explained[], options: ValidateOptions): Repaired<T> {
  const doubts = new Set<string>()
  let current: MapNode = map
  let wrong = findings
  for (let round = 0; round < 4; round++) {
    for (const finding of wrong) {
      const last = finding.path.at(-1)
      if (finding.meant === undefined && last !== undefined) doubts.add(String(last))
      const mended = mend(current, finding)
      if (mended?.type === 'map') current = mended
    }
    const result = validate(schema, current, options)
    if (result.ok) return { value: result.value, doubts }
    wrong = result.findings
  }
  return { value: undefined, doubts }
}

function mend(root: TreeNode, finding: Explained): TreeNode | undefined {
  // A missing key, or a wrong list item (whose removal would shift the others): its owner goes.
  let path = finding.path
  while (path.length > 0 && (typeof path.at(-1) === 'number' || !nodeAt(root, path))) path = path.slice(0, -1)
  if (path.length === 0) return undefined
  return changeAt(root, path, finding.path.length === path.length ? finding.meant : undefined)
}

function changeAt(node: TreeNode, path: Path, rename: string | undefined): TreeNode {
  const [first, ...rest] = path
  if (node.type === 'list')
    return { ...node, items: node.items.map((item, index) => (index === first ? changeAt(item, rest, rename) : item)) }
  if (node.type !== 'map' || first === undefined) return node
  const entries = new Map<string, Entry>()
  for (const [name, entry] of node.entries) {
    if (name !== String(first)) entries.set(name, entry)
    else if (rest.length > 0) entries.set(name, { ...entry, value: changeAt(entry.value, rest, rename) })
    else if (rename !== undefined && !node.entries.has(rename)) entries.set(rename, entry)
  }
  return { ...node, entries }
}
