// `--set services.shop.nodes=5`: one value laid over the document; its position is the flag. Decides nothing about meaning.
import { retype } from './interpolate.ts'
import type { Entry, MapNode, Path, Source, Span, TreeNode } from './tree.ts'
import { formatPath } from './tree.ts'

/** A --set that cannot be applied, at a span of the flag. */
export interface SetProblem {
  readonly span: Span
  readonly path: Path
  readonly message: string
  readonly hint?: string
}

interface PathPart {
  readonly part: string | number
  readonly span: Span
}

/** Applies one flag; a problem leaves the document as it was. Lists and maps may be given in YAML's flow form: `=[a, b]`. */
export async function applySet(root: TreeNode, flag: string, dir: string): Promise<{ root: TreeNode; problem?: SetProblem }> {
  const source: Source = { kind: 'flag', name: `--set ${flag}`, dir, text: flag }
  const parsed = parsePath(flag, source)
  if ('message' in parsed) {
    const hint = 'write it as services.NAME.OPTION=VALUE, a key with dots as config["log.retention.hours"]=1'
    return { root, problem: { span: parsed.span, path: [], message: parsed.message, hint } }
  }
  const value = await parseValue(flag.slice(parsed.end), { source, start: parsed.end, end: flag.length })
  if ('message' in value) return { root, problem: value }
  const result = put(root, parsed.parts, value, [])
  return 'message' in result ? { root, problem: result } : { root: result }
}

function parsePath(flag: string, source: Source): { parts: PathPart[]; end: number } | { span: Span; message: string } {
  const parts: PathPart[] = []
  let at = 0
  for (;;) {
    const start = at
    if (flag.charAt(at) === '[') {
      const match = /^\[\s*("(?:[^"\\]|\\.)*"|'[^']*'|\d+)\s*\]/.exec(flag.slice(at))
      if (!match?.[1])
        return { span: { source, start, end: flag.length }, message: 'expected a key in quotes or a number between the brackets' }
      const part = unquote(match[1])
      if (part === undefined) return { span: { source, start, end: start + match[0].length }, message: 'the quotes hold no valid text' }
      at += match[0].length
      parts.push({ part, span: { source, start, end: at } })
    } else {
      const name = /^[^.[\]="']+/.exec(flag.slice(at))?.[0]
      if (name === undefined) {
        return {
          span: { source, start, end: start + 1 },
          message: at >= flag.length ? 'expected PATH=VALUE, the path ends here' : 'expected a key here',
        }
      }
      at += name.length
      parts.push({ part: name.trim(), span: { source, start, end: at } })
    }
    const next = flag.charAt(at)
    if (next === '=') {
      const bad = parts.find((each) => each.part === '__proto__')
      return bad ? { span: bad.span, message: 'the key __proto__ is not allowed' } : { parts, end: at + 1 }
    }
    if (next === '.') at++
    else if (next !== '[') return { span: { source, start: at, end: at + 1 }, message: 'expected "=" and a value' }
  }
}

function unquote(text: string): string | number | undefined {
  if (text.startsWith("'")) return text.slice(1, -1)
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' || typeof value === 'number' ? value : undefined
  } catch {
    return undefined
  }
}

async function parseValue(text: string, span: Span): Promise<TreeNode | SetProblem> {
  if (!/^\s*[[{"']/.test(text)) {
    // `=` alone is empty text; only the word null deletes.
    const value = text === '' ? '' : retype(text)
    return typeof value === 'string' ? { type: 'scalar', value, span } : { type: 'scalar', value, span, text }
  }
  const { parseYaml } = await import('./parse-yaml.ts')
  const { root, problems } = await parseYaml({ ...span.source, text })
  const problem = problems[0]
  if (!root || problem) return { span, path: [], message: problem?.message ?? 'cannot be read' }
  return respan(root, span)
}

/** The whole value points at the flag: offsets inside it are those of the value's own text. */
function respan(node: TreeNode, span: Span): TreeNode {
  const shift = span.start ?? 0
  const moved = (inner: Span): Span => ({ source: span.source, start: (inner.start ?? 0) + shift, end: (inner.end ?? 0) + shift })
  if (node.type === 'scalar') return { ...node, span: moved(node.span) }
  if (node.type === 'list') return { ...node, span: moved(node.span), items: node.items.map((item) => respan(item, span)) }
  const entries = [...node.entries].map(([name, entry]): [string, Entry] => [
    name,
    { key: moved(entry.key), value: respan(entry.value, span) },
  ])
  return { ...node, span: moved(node.span), entries: new Map(entries) }
}

function put(node: TreeNode | undefined, parts: readonly PathPart[], value: TreeNode, done: Path): TreeNode | SetProblem {
  const [first, ...rest] = parts
  if (!first) return value
  const path = [...done, first.part]
  const below = node?.type === 'scalar' && node.value === null ? undefined : node
  if (typeof first.part === 'number' && below?.type === 'list') {
    if (first.part > below.items.length)
      return { span: first.span, path, message: `${formatPath(done)} has ${below.items.length} items, counted from 0` }
    const inner = put(below.items[first.part], rest, value, path)
    if ('message' in inner) return inner
    return { ...below, items: below.items.toSpliced(first.part, 1, inner) }
  }
  if (below && below.type !== 'map') {
    return {
      span: first.span,
      path,
      message: `${formatPath(done)} is ${below.type === 'list' ? 'a list' : 'a single value'}, it has no key ${JSON.stringify(first.part)}`,
    }
  }
  const map: MapNode = below ?? { type: 'map', entries: new Map(), span: first.span }
  const name = String(first.part)
  const inner = put(map.entries.get(name)?.value, rest, value, path)
  if ('message' in inner) return inner
  const entries = new Map(map.entries)
  if (rest.length === 0 && inner.type === 'scalar' && inner.value === null && inner.text === 'null') entries.delete(name)
  else entries.set(name, { key: map.entries.get(name)?.key ?? first.span, value: inner })
  return { ...map, entries }
}
