// Templates of the generator: `{{name}}` and `{{name(arguments)}}` in text. The set is small and closed; an unknown one is SEED_INVALID.
//   {{i}}               number of the record, from 1           {{uuid}}              a random UUID (version 4)
//   {{int(1,100)}}      whole number, both ends included       {{name}} {{word}} {{email}}   made-up text
//   {{float(0,1)}}      number with two decimals, or {{float(0,1,4)}}    {{bool}}    true or false
//   {{pick(a,b,c)}}     one of the words                       {{timestamp}} {{iso}}         the record's time, ms or RFC 3339
// Same seed, same records; only {{timestamp}} and {{iso}} count from the time of seeding.
import { DevclusterError } from '../../../errors.ts'
import type { Random } from './random.ts'

/** What a template may depend on. */
export interface Scene {
  readonly i: number
  readonly timestamp: number
  readonly random: Random
}

type Part = (scene: Scene) => string | number | boolean
export type Template = (scene: Scene) => unknown

const NAMES =
  'Ada Alan Barbara Claude Dennis Donald Edsger Frances Grace Hedy John Katherine Ken Leslie Linus Margaret Niklaus Radia Tim Tony'.split(
    ' ',
  )
const SURNAMES =
  'Allen Dijkstra Hamilton Hoare Hopper Johnson Kay Kernighan Knuth Lamarr Lamport Liskov Lovelace Perlman Ritchie Shannon Thompson Turing'.split(
    ' ',
  )
const WORDS =
  'amber basil cedar delta ember fjord grove harbor island juniper kelp lagoon meadow nectar orchid pebble quartz ridge saffron tundra'.split(
    ' ',
  )

function sceneName({ random }: Scene): string {
  return `${random.of(NAMES)} ${random.of(SURNAMES)}`
}

const PLAIN: Readonly<Record<string, Part>> = {
  i: (scene) => scene.i,
  uuid: (scene) => scene.random.uuid(),
  bool: (scene) => scene.random.int(0, 1) === 1,
  name: sceneName,
  word: (scene) => scene.random.of(WORDS),
  email: (scene) => `${sceneName(scene).toLowerCase().replace(' ', '.')}@example.com`,
  timestamp: (scene) => scene.timestamp,
  iso: (scene) => new Date(scene.timestamp).toISOString(),
}

const KNOWN =
  '{{i}}, {{int(1,100)}}, {{float(0,1)}}, {{bool}}, {{uuid}}, {{pick(a,b,c)}}, {{name}}, {{word}}, {{email}}, {{timestamp}}, {{iso}}'

function invalid(where: string, message: string): DevclusterError {
  return new DevclusterError('SEED_INVALID', `${where}: ${message}`, { hint: `placeholders are ${KNOWN}` })
}

/**
 * Compiles a string, or an object or array whose strings are templates. A string that is one placeholder alone keeps its type (`{{int(1,9)}}` is a number).
 * @throws DevclusterError SEED_INVALID naming `where`
 */
export function compileTemplate(source: unknown, where: string): Template {
  if (typeof source === 'string') return compileText(source, where)
  if (Array.isArray(source)) {
    const items = source.map((item: unknown, index) => compileTemplate(item, `${where}[${index}]`))
    return (scene) => items.map((item) => item(scene))
  }
  if (typeof source === 'object' && source !== null) {
    const entries = Object.entries(source).map(([name, value]) => [name, compileTemplate(value, `${where}.${name}`)] as const)
    return (scene) => Object.fromEntries(entries.map(([name, template]) => [name, template(scene)]))
  }
  return () => source
}

function compileText(source: string, where: string): Template {
  const parts: (string | Part)[] = []
  let at = 0
  for (;;) {
    const open = source.indexOf('{{', at)
    if (open < 0) break
    const close = source.indexOf('}}', open)
    if (close < 0) throw invalid(where, `{{ at character ${open + 1} is not closed`)
    if (open > at) parts.push(source.slice(at, open))
    parts.push(compilePart(source.slice(open + 2, close).trim(), where))
    at = close + 2
  }
  if (at < source.length) parts.push(source.slice(at))
  const [only] = parts
  if (parts.length === 0) return () => source
  if (parts.length === 1 && typeof only === 'function') return only
  return (scene) => parts.map((part) => (typeof part === 'string' ? part : String(part(scene)))).join('')
}

function compilePart(text: string, where: string): Part {
  const call = /^([a-zA-Z]+)\s*(?:\((.*)\))?$/s.exec(text)
  const name = call?.[1] ?? text
  const args = call?.[2] === undefined ? undefined : call[2].split(',').map((arg) => arg.trim())
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined
  if (plain) {
    if (args) throw invalid(where, `{{${text}}}: ${name} takes no arguments`)
    return plain
  }
  if (name === 'pick') {
    if (!args || args.some((arg) => arg === '')) throw invalid(where, `{{${text}}}: pick wants words, such as {{pick(a,b,c)}}`)
    return (scene) => scene.random.of(args)
  }
  if (name === 'int') {
    const [low, high] = numbers(args, 2, 2) ?? []
    if (low === undefined || high === undefined || !Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low > high) {
      throw invalid(where, `{{${text}}}: int wants two whole numbers, the lower first, such as {{int(1,100)}}`)
    }
    return (scene) => scene.random.int(low, high)
  }
  if (name === 'float') {
    const [low, high, digits = 2] = numbers(args, 2, 3) ?? []
    if (low === undefined || high === undefined || low > high || !Number.isInteger(digits) || digits < 0 || digits > 15) {
      throw invalid(where, `{{${text}}}: float wants two numbers, the lower first, and perhaps decimals, such as {{float(0,1,2)}}`)
    }
    return (scene) => Number((low + scene.random.next() * (high - low)).toFixed(digits))
  }
  throw invalid(where, `unknown placeholder {{${text}}}`)
}

function numbers(args: readonly string[] | undefined, min: number, max: number): readonly number[] | undefined {
  if (!args || args.length < min || args.length > max) return undefined
  const values = args.map((arg) => (arg === '' ? Number.NaN : Number(arg)))
  return values.every(Number.isFinite) ? values : undefined
}
