// `${VAR}` and its relatives in the strings of a tree, as the Compose specification ("Interpolation") defines them. Keys are left alone.
import type { DiagnosticText } from './diagnostic.ts'
import type { Path, ScalarNode, TreeNode } from './tree.ts'

/** What a text became. */
interface Expanded {
  readonly text: string
  /** The text was one `${...}` and nothing else. */
  readonly whole: boolean
  readonly variables: readonly string[]
}

export interface InterpolateContext {
  readonly lookup: (name: string) => string | undefined
  readonly report: (node: ScalarNode, path: Path, text: DiagnosticText) => void
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y

/** The tree with every `${...}` replaced; a scalar that is wholly one `${...}` is typed anew and keeps its text beside. */
export function interpolate(node: TreeNode, context: InterpolateContext, path: Path = []): TreeNode {
  if (node.type === 'list') return { ...node, items: node.items.map((item, index) => interpolate(item, context, [...path, index])) }
  if (node.type === 'map') {
    const entries = [...node.entries].map(
      ([name, entry]) => [name, { ...entry, value: interpolate(entry.value, context, [...path, name]) }] as const,
    )
    return { ...node, entries: new Map(entries) }
  }
  if (typeof node.value !== 'string' || !node.value.includes('$')) return node
  const problems: DiagnosticText[] = []
  const expanded = expand(node.value, context.lookup, (text) => problems.push(text))
  for (const text of problems) context.report(node, path, text)
  // After an error any value will do: the document is refused.
  if (problems.some((problem) => problem.severity !== 'warning')) return { ...node, value: null, variables: expanded.variables }
  if (!expanded.whole) return { ...node, value: expanded.text, variables: expanded.variables }
  return { ...node, value: retype(expanded.text), text: expanded.text, variables: expanded.variables }
}

/** Text -> value by YAML's core schema (YAML 1.2.2 section 10.3.2); empty text is null, that is, not given. */
export function retype(text: string): string | number | boolean | null {
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  if (/^(?:false|False|FALSE)$/.test(text)) return false
  if (/^[-+]?\d+$/.test(text) || /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) {
    const number = Number(text)
    if (Number.isFinite(number)) return number
  }
  return text
}

function expand(text: string, lookup: (name: string) => string | undefined, problem: (text: DiagnosticText) => void): Expanded {
  let out = ''
  let whole = false
  const variables: string[] = []
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0) {
      out += text.slice(at)
      break
    }
    out += text.slice(at, dollar)
    const next = text.charAt(dollar + 1)
    if (next === '$') {
      out += '$'
      at = dollar + 2
      continue
    }
    if (next !== '{') {
      out += '$'
      at = dollar + 1
      continue
    }
    const end = closingBrace(text, dollar + 2)
    if (end < 0) {
      problem({ message: '"${" is never closed', hint: 'write $$ for a dollar sign' })
      break
    }
    const inner = substitute(text.slice(dollar + 2, end), lookup, problem)
    out += inner.text
    variables.push(...inner.variables)
    whole ||= dollar === 0 && end === text.length - 1
    at = end + 1
  }
  return { text: out, whole, variables }
}

/** Offset of the brace that closes the one before `from`, or -1; defaults may contain `${...}` themselves. */
export function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('$$', at)) at++
    else if (text.startsWith('${', at)) {
      depth++
      at++
    } else if (text.charAt(at) === '}' && --depth === 0) return at
  }
  return -1
}

function substitute(
  body: string,
  lookup: (name: string) => string | undefined,
  problem: (text: DiagnosticText) => void,
): Omit<Expanded, 'whole'> {
  NAME.lastIndex = 0
  const name = NAME.exec(body)?.[0]
  const rest = body.slice(name?.length ?? 0)
  const operator = /^:?[-?+]/.exec(rest)?.[0]
  if (name === undefined || (rest !== '' && operator === undefined)) {
    problem({
      message: `\${${body}} is no variable`,
      hint: 'the forms are ${VAR}, ${VAR:-default}, ${VAR-default}, ${VAR:?message}; write $$ for a dollar sign',
    })
    return { text: '', variables: [] }
  }
  const value = lookup(name)
  const word = rest.slice(operator?.length ?? 0)
  const given = value !== undefined && !(operator?.startsWith(':') && value === '')
  const nested = () => {
    const inner = expand(word, lookup, problem)
    return { text: inner.text, variables: [name, ...inner.variables] }
  }
  const kind = operator?.at(-1)
  if (kind === '-' && !given) return nested()
  if (kind === '+') return given ? nested() : { text: '', variables: [name] }
  if (kind === '?' && !given) {
    problem({ message: `${name} is not set${word === '' ? '' : `: ${nested().text}`}`, hint: `set ${name} in the environment or in .env` })
  } else if (value === undefined) {
    const hint = `set it in the environment or in .env, or give a default: \${${name}:-value}`
    problem({ severity: 'warning', message: `${name} is not set, taken as empty`, hint })
  }
  return { text: value ?? '', variables: [name] }
}
