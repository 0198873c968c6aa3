// YAML 1.2 text -> tree with positions: anchors and `<<` resolved, duplicate keys and syntax errors reported. Interprets nothing.
import type { Alias, Document, Node, YAMLMap } from 'yaml'
import { messageOf } from '../errors.ts'
import { closingBrace } from './interpolate.ts'
import type { SyntaxProblem } from './parse-json.ts'
import type { Entry, Source, Span, TreeNode } from './tree.ts'

type Yaml = typeof import('yaml')

const MAX_DEPTH = 200
/** Aliases can multiply: a small file may stand for billions of values. */
const MAX_NODES = 50_000

/** The tree, and what is wrong. With syntax errors there is no tree: half a document would only cause errors that are not the user's. */
export async function parseYaml(source: Source): Promise<{ root: TreeNode | undefined; problems: readonly SyntaxProblem[] }> {
  const yaml = await import('yaml')
  const text = source.text ?? ''
  let document: Document.Parsed
  try {
    document = yaml.parseDocument(mask(text), { prettyErrors: false, uniqueKeys: false, stringKeys: false, logLevel: 'error' })
  } catch (error) {
    // The parser recurses; thousands of nested brackets exhaust the stack.
    return { root: undefined, problems: [{ start: 0, end: 1, message: `cannot be read as YAML: ${messageOf(error)}` }] }
  }
  if (document.errors.length > 0) {
    // One slip derails the parser: what it finds unexpected afterwards is no second mistake.
    const own = document.errors.filter((error, index) => index === 0 || error.code !== 'UNEXPECTED_TOKEN')
    const problems = own.map(({ pos, code, message }) => ({
      start: pos[0],
      end: pos[1],
      message: `not YAML: ${unmask(plainWords(code, message))}`,
    }))
    return { root: undefined, problems: problems.slice(0, 20) }
  }
  const converter = new Converter(yaml, document, source)
  const root = converter.convert(document.contents)
  return { root, problems: converter.problems }
}

/** Characters that end a plain value inside `{ }` or `[ ]`, and stand-ins for them that no file contains (private use area). */
const INDICATORS = '{}[],:#'
const FIRST_MASK = 0xf8f0

/** The text with YAML's indicators inside each `${...}` masked, offsets unchanged: `{ nodes: ${N:-3} }` needs no quotes. */
function mask(text: string): string {
  let out = ''
  let at = 0
  for (let start = text.indexOf('${'); start >= 0; start = text.indexOf('${', at)) {
    const newline = text.indexOf('\n', start)
    const line = text.slice(start, newline < 0 ? text.length : newline)
    const end = closingBrace(line, 2)
    // Never closed on its line: interpolation reports it, if YAML does not.
    const piece = end < 0 ? '${' : line.slice(0, end + 1)
    const masked =
      end < 0 ? piece : piece.replace(/[{}[\],:#]/g, (character) => String.fromCharCode(FIRST_MASK + INDICATORS.indexOf(character)))
    out += text.slice(at, start) + masked
    at = start + piece.length
  }
  return out + text.slice(at)
}

function unmask(text: string): string {
  return text.replace(/[\uf8f0-\uf8f6]/g, (character) => INDICATORS.charAt(character.charCodeAt(0) - FIRST_MASK))
}

function plainWords(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent; use blanks'
  if (code === 'MULTIPLE_DOCS') return 'one file holds one document; remove "---"'
  return message.split('\n')[0]?.trim() ?? message
}

/** One walk over one document. */
class Converter {
  readonly problems: SyntaxProblem[] = []
  private readonly yaml: Yaml
  private readonly document: Document.Parsed
  private readonly source: Source
  private readonly open = new Set<Node>()
  private nodes = 0

  constructor(yaml: Yaml, document: Document.Parsed, source: Source) {
    this.yaml = yaml
    this.document = document
    this.source = source
  }

  convert(node: unknown, fallback?: Span): TreeNode {
    const { yaml } = this
    const span = this.spanOf(node, fallback)
    const nothing: TreeNode = { type: 'scalar', value: null, span }
    if (!yaml.isNode(node)) return nothing
    if (++this.nodes > MAX_NODES) {
      if (this.nodes === MAX_NODES + 1) this.problem(span, 'its aliases stand for too many values')
      return nothing
    }
    if (yaml.isAlias(node)) {
      const target = this.resolve(node)
      if (!target) return nothing
      return this.convert(target)
    }
    if (yaml.isScalar(node)) return { type: 'scalar', value: scalarValue(node.value, node.source), span }
    if (this.open.has(node)) {
      this.problem(span, 'an alias inside its own anchor never ends')
      return nothing
    }
    if (this.open.size >= MAX_DEPTH) {
      this.problem(span, `nested deeper than ${MAX_DEPTH} levels`)
      return nothing
    }
    this.open.add(node)
    try {
      if (yaml.isSeq(node)) return { type: 'list', items: node.items.map((item) => this.convert(item, span)), span }
      if (yaml.isMap(node)) return this.map(node, span)
      return nothing
    } finally {
      this.open.delete(node)
    }
  }

  private map(node: YAMLMap, span: Span): TreeNode {
    const { yaml } = this
    const entries = new Map<string, Entry>()
    const merged: TreeNode[] = []
    for (const pair of node.items) {
      const key = this.spanOf(pair.key, span)
      const target = yaml.isAlias(pair.key) ? this.resolve(pair.key) : pair.key
      if (target !== null && !yaml.isScalar(target)) {
        this.problem(key, 'a key must be text')
        continue
      }
      const name = unmask(String(target === null ? '' : target.value))
      if (target === null || target.value === null) {
        this.problem(key, 'a key is missing before ":"')
        continue
      }
      const value = this.convert(pair.value, { ...key, start: key.end ?? 0, end: key.end ?? 0 })
      if (name === '<<' && target.type === 'PLAIN') merged.push(...(value.type === 'list' ? value.items : [value]))
      else if (name === '__proto__') this.problem(key, 'the key __proto__ is not allowed')
      else if (entries.has(name)) this.problem(key, `the key ${JSON.stringify(name)} is given twice`)
      else entries.set(name, { key, value })
    }
    for (const base of merged) {
      if (base.type !== 'map') this.problem(base.span, '"<<" merges maps only')
      else for (const [name, entry] of base.entries) if (!entries.has(name)) entries.set(name, entry)
    }
    return { type: 'map', entries, span }
  }

  private resolve(alias: Alias): Node | undefined {
    const target = alias.resolve(this.document)
    if (!target) this.problem(this.spanOf(alias), `there is no anchor &${alias.source} before this`)
    return target
  }

  private spanOf(node: unknown, fallback?: Span): Span {
    const range = this.yaml.isNode(node) ? node.range : undefined
    if (!range) return fallback ?? { source: this.source, start: 0, end: 0 }
    return { source: this.source, start: range[0], end: range[1] }
  }

  private problem(span: Span, message: string): void {
    this.problems.push({ start: span.start ?? 0, end: span.end ?? 0, message })
  }
}

/** Tags such as !!binary or !!timestamp make other things than plain values: their text is used. */
function scalarValue(value: unknown, source: string | undefined): string | number | boolean | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return unmask(typeof value === 'string' ? value : (source ?? ''))
}
