// JSON (RFC 8259) text -> tree with positions. Strict: no comments, no trailing commas. Interprets nothing.
import type { Entry, Source, TreeNode } from './tree.ts'

const MAX_DEPTH = 200
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// oxlint-disable-next-line eslint/no-control-regex -- RFC 8259 section 7 forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const WORD = /true|false|null/y

/** A syntax error at an offset. */
export interface SyntaxProblem {
  readonly start: number
  readonly end: number
  readonly message: string
}

class JsonSyntaxError extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** The tree, and what is wrong: duplicate keys keep the first value and the parse goes on, a syntax error ends it. */
export function parseJson(source: Source): { root: TreeNode | undefined; problems: readonly SyntaxProblem[] } {
  const text = source.text ?? ''
  const problems: SyntaxProblem[] = []
  let offset = text.startsWith('\ufeff') ? 1 : 0

  const fail = (wanted: string): never => {
    const found =
      offset >= text.length ? 'the file ends here' : `found ${JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0))}`
    throw new JsonSyntaxError(offset, `not JSON: expected ${wanted}, ${found}`)
  }
  const blanks = () => {
    while (offset < text.length && ' \t\r\n'.includes(text.charAt(offset))) offset++
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset
    const match = pattern.exec(text)?.[0]
    if (match !== undefined) offset += match.length
    return match
  }
  const string = (wanted: string): string => {
    const raw = take(STRING) ?? fail(text.charAt(offset) === '"' ? 'a string that is closed on its line, with valid escapes' : wanted)
    return String(JSON.parse(raw))
  }

  const map = (depth: number): TreeNode => {
    const start = offset++
    const entries = new Map<string, Entry>()
    blanks()
    if (text.charAt(offset) !== '}') {
      for (;;) {
        blanks()
        const keyStart = offset
        const name = string('a key in double quotes')
        const key = { source, start: keyStart, end: offset }
        blanks()
        if (text.charAt(offset) !== ':') fail('":"')
        offset++
        const entry = { key, value: value(depth + 1) }
        if (name === '__proto__') problems.push({ ...key, message: 'the key __proto__ is not allowed' })
        else if (entries.has(name)) problems.push({ ...key, message: `the key ${JSON.stringify(name)} is given twice` })
        else entries.set(name, entry)
        blanks()
        if (text.charAt(offset) === '}') break
        if (text.charAt(offset) !== ',') fail('"," or "}"')
        offset++
      }
    }
    offset++
    return { type: 'map', entries, span: { source, start, end: offset } }
  }

  const list = (depth: number): TreeNode => {
    const start = offset++
    const items: TreeNode[] = []
    blanks()
    if (text.charAt(offset) !== ']') {
      for (;;) {
        items.push(value(depth + 1))
        blanks()
        if (text.charAt(offset) === ']') break
        if (text.charAt(offset) !== ',') fail('"," or "]"')
        offset++
      }
    }
    offset++
    return { type: 'list', items, span: { source, start, end: offset } }
  }

  const value = (depth: number): TreeNode => {
    blanks()
    if (depth > MAX_DEPTH) throw new JsonSyntaxError(offset, `nested deeper than ${MAX_DEPTH} levels`)
    const start = offset
    const first = text.charAt(offset)
    if (first === '{') return map(depth)
    if (first === '[') return list(depth)
    if (first === '"') {
      const parsed = string('a string')
      return { type: 'scalar', value: parsed, span: { source, start, end: offset } }
    }
    const word = take(WORD)
    if (word !== undefined) return { type: 'scalar', value: word === 'null' ? null : word === 'true', span: { source, start, end: offset } }
    const number = take(NUMBER) ?? fail('a value')
    return { type: 'scalar', value: Number(number), span: { source, start, end: offset } }
  }

  try {
    const root = value(0)
    blanks()
    if (offset < text.length) fail('nothing after the value')
    return { root, problems }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    return { root: undefined, problems: [...problems, { start: error.offset, end: error.offset + 1, message: error.message }] }
  }
}
