// Arguments -> command, flags, arguments. Complains with USAGE and a suggestion; prints and runs nothing. Node's built-ins only.
import { parseArgs } from 'node:util'
import { DevclusterError } from '../errors.ts'
import { suggest } from '../util/suggest.ts'
import { type CommandSpec, Flags, type OptionSpecs } from './command.ts'

export interface Parsed {
  readonly command: CommandSpec
  readonly flags: Flags
  readonly args: readonly string[]
  readonly rest: readonly string[]
}

function usage(message: string, hint?: string): DevclusterError {
  return new DevclusterError('USAGE', message, hint === undefined ? {} : { hint })
}

/** Index of the command's name: the first word that is neither an option nor the value of one. */
function commandIndex(argv: readonly string[], global: OptionSpecs): number {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    if (word === '--') return -1
    if (!word.startsWith('-') || word === '-') return i
    if (word.includes('=')) continue
    const option = word.startsWith('--')
      ? global[word.slice(2)]
      : Object.values(global).find((candidate) => candidate.short === word.slice(1))
    if (option?.type === 'string') i++
  }
  return -1
}

/** Options in front of a command, or undefined command: `devcluster --help`, `devcluster`. */
export function parse(
  argv: readonly string[],
  commands: readonly CommandSpec[],
  global: OptionSpecs,
): Parsed | { readonly command: undefined; readonly flags: Flags } {
  const at = commandIndex(argv, global)
  const name = argv[at]
  if (name === undefined) return { command: undefined, flags: parseFlags(argv, global, undefined).flags }
  const command = commands.find((candidate) => candidate.name === name || candidate.aliases?.includes(name))
  if (!command) {
    const near = suggest(
      name,
      commands.filter((candidate) => !candidate.hidden).flatMap((candidate) => [candidate.name, ...(candidate.aliases ?? [])]),
    )
    throw usage(
      `there is no command ${name}`,
      near ? `did you mean ${near}? devcluster --help lists all` : 'devcluster --help lists all commands',
    )
  }
  // In front of the command's name a short option is a global one, behind it the command's own comes first: `-f FILE logs -f`.
  const before = parseFlags(argv.slice(0, at), global, undefined)
  const options = withShorts(global, command.options ?? {})
  const words = argv.slice(at + 1)
  const { own, rest } = command.passThrough ? splitPassThrough(words, options) : splitAtDashes(words)
  const { flags, args } = parseFlags(own, options, command, before.values)
  if (!flags.on('help')) checkCount(command, args)
  return { command, flags, args, rest }
}

/** All options of a command; a global one loses its letter to the command's own. */
export function withShorts(global: OptionSpecs, own: OptionSpecs): OptionSpecs {
  const taken = new Set(Object.values(own).map((option) => option.short))
  const rest = Object.entries(global).map(
    ([name, { short, ...option }]) => [name, short !== undefined && !taken.has(short) ? { ...option, short } : option] as const,
  )
  return { ...Object.fromEntries(rest), ...own }
}

function splitAtDashes(words: readonly string[]): { own: readonly string[]; rest: readonly string[] } {
  const at = words.indexOf('--')
  return at < 0 ? { own: words, rest: [] } : { own: words.slice(0, at), rest: words.slice(at + 1) }
}

/** Our options end behind the first argument; a `--` right there is only a separator. */
function splitPassThrough(words: readonly string[], options: OptionSpecs): { own: readonly string[]; rest: readonly string[] } {
  const end = commandIndex(words, options) + 1
  if (end === 0) return splitAtDashes(words)
  const rest = words.slice(end)
  return { own: words.slice(0, end), rest: rest[0] === '--' ? rest.slice(1) : rest }
}

function checkCount(command: CommandSpec, args: readonly string[]): void {
  const [least, most] = command.takes ?? [0, 0]
  const form = `devcluster ${command.name}${command.args ? ` ${command.args}` : ''}`
  if (args.length < least) throw usage(`${command.name} needs ${command.args ?? 'an argument'}`, `usage: ${form}`)
  if (args.length > most) throw usage(`${command.name} takes no argument ${args[most] ?? ''}`, `usage: ${form}`)
}

type Values = ReadonlyMap<string, readonly (string | true)[]>

function parseFlags(
  words: readonly string[],
  options: OptionSpecs,
  command: CommandSpec | undefined,
  before: Values = new Map(),
): { flags: Flags; values: Values; args: string[] } {
  const { tokens } = parseArgs({
    args: [...words],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [
        name,
        { type: option.type, ...(option.short ? { short: option.short } : {}), ...(option.multiple ? { multiple: true } : {}) },
      ]),
    ),
  })
  const values = new Map(before)
  const args: string[] = []
  const help = command ? `devcluster ${command.name} --help` : 'devcluster --help'
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (!option) {
      const near = suggest(token.name, Object.keys(options))
      throw usage(
        `${command?.name ?? 'devcluster'} knows no option ${token.rawName}`,
        near ? `did you mean --${near}?` : `${help} lists all options`,
      )
    }
    if (option.type === 'boolean' && token.value !== undefined) throw usage(`${token.rawName} takes no value`, help)
    if (
      option.type === 'string' &&
      (token.value === undefined || token.value === '' || (!token.inlineValue && /^--?[a-z]/i.test(token.value)))
    ) {
      throw usage(`${token.rawName} needs a value`, `${token.rawName} ${option.value ?? 'VALUE'}: ${option.help}`)
    }
    if (option.choices && token.value !== undefined && !option.choices.includes(token.value)) {
      const near = suggest(token.value, option.choices)
      throw usage(
        `${token.rawName} cannot be ${token.value}`,
        near ? `did you mean ${near}? it is one of ${option.choices.join(', ')}` : `one of ${option.choices.join(', ')}`,
      )
    }
    values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? true])
  }
  return { flags: new Flags(values), values, args }
}
