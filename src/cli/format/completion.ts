// Completion scripts for bash, zsh and fish out of the table of commands. Names of nodes and services are asked for when needed. Pure.
import type { CommandSpec, OptionSpecs } from '../command.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const TARGETS = 'devcluster __targets 2>/dev/null'

/** Commands whose arguments are nodes or services. */
const takesTargets = (command: CommandSpec) => /NODE|SERVICE/.test(command.args ?? '')
/** `bash|zsh|fish`: the arguments are these words. */
const fixedWords = (command: CommandSpec) => (/^[a-z]+(\|[a-z]+)+$/.test(command.args ?? '') ? (command.args ?? '').split('|') : [])
const names = (command: CommandSpec) => [command.name, ...(command.aliases ?? [])]
const longs = (options: OptionSpecs) => Object.keys(options).map((name) => `--${name}`)
/** For a single-quoted shell word. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

function shown(commands: readonly CommandSpec[]): readonly CommandSpec[] {
  return commands.filter((command) => !command.hidden)
}

/** `--runtime) words ;;` for every option with known values. */
function choiceCases(commands: readonly CommandSpec[], global: OptionSpecs): string[] {
  const all = new Map([...Object.entries(global), ...commands.flatMap((command) => Object.entries(command.options ?? {}))])
  return [...all].flatMap(([name, option]) =>
    option.choices ? [`    --${name}) COMPREPLY=($(compgen -W "${option.choices.join(' ')}" -- "$cur")); return ;;`] : [],
  )
}

function bash(commands: readonly CommandSpec[], global: OptionSpecs): string {
  const cases = commands.map((command) => {
    const words = [...longs({ ...global, ...command.options }), ...fixedWords(command)].join(' ')
    return `    ${names(command).join('|')}) words="${words}"${takesTargets(command) ? `; [[ $cur == -* ]] || words="$words $(${TARGETS})"` : ''} ;;`
  })
  return [
    '# devcluster completion for bash: source <(devcluster completion bash)',
    '_devcluster() {',
    '  local cur prev words command word i',
    '  cur="${COMP_WORDS[COMP_CWORD]}"; prev="${COMP_WORDS[COMP_CWORD-1]}"; command=""; COMPREPLY=()',
    '  case "$prev" in',
    '    -f|--file|-o|--output) COMPREPLY=($(compgen -f -- "$cur")); return ;;',
    ...choiceCases(commands, global),
    '  esac',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    word="${COMP_WORDS[i]}"',
    `    case "$word" in ${commands.flatMap(names).join('|')}) command="$word"; break ;; esac`,
    '  done',
    '  case "$command" in',
    `    "") words="${[...commands.flatMap(names), ...longs(global), '--version'].join(' ')}" ;;`,
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '}',
    'complete -F _devcluster devcluster',
  ].join('\n')
}

function zsh(commands: readonly CommandSpec[], global: OptionSpecs): string {
  const describe = (text: string) => text.replaceAll(':', '\\:').replaceAll('[', '\\[').replaceAll(']', '\\]')
  const argument = (options: OptionSpecs) =>
    Object.entries(options).map(([name, option]) => {
      const action = option.choices
        ? `:value:(${option.choices.join(' ')})`
        : option.type === 'string'
          ? `:${(option.value ?? 'value').toLowerCase()}:${name === 'file' || name === 'output' ? '_files' : ''}`
          : ''
      return quoted(`${option.multiple ? '*' : ''}--${name}[${describe(option.help)}]${action}`)
    })
  const cases = commands.map((command) => {
    const rest = takesTargets(command)
      ? [quoted(`*:target:($(${TARGETS}))`).replace(/^'(.*)'$/s, '"$1"')]
      : fixedWords(command).length > 0
        ? [quoted(`1:argument:(${fixedWords(command).join(' ')})`)]
        : []
    return `    ${names(command).join('|')}) _arguments ${[...argument({ ...global, ...command.options }), ...rest].join(' ')} ;;`
  })
  return [
    '#compdef devcluster',
    '# devcluster completion for zsh: source <(devcluster completion zsh)',
    '_devcluster() {',
    '  local -a commands',
    `  commands=(${commands.flatMap((command) => names(command).map((name) => quoted(`${name}:${command.summary.replaceAll(':', '\\:')}`))).join(' ')})`,
    `  if (( CURRENT == 2 )); then _describe command commands; return; fi`,
    '  local command="$words[2]"',
    '  shift words; (( CURRENT-- ))',
    '  case "$command" in',
    ...cases,
    '  esac',
    '}',
    'compdef _devcluster devcluster',
  ].join('\n')
}

function fish(commands: readonly CommandSpec[], global: OptionSpecs): string {
  const all = commands.flatMap(names).join(' ')
  const none = `not __fish_seen_subcommand_from ${all}`
  const option = (condition: string, name: string, spec: OptionSpecs[string]) =>
    `complete -c devcluster ${condition}-l ${name}${spec.short ? ` -s ${spec.short}` : ''}${spec.type === 'string' ? ' -r' : ''}${spec.choices ? ` -xa ${quoted(spec.choices.join(' '))}` : ''} -d ${quoted(spec.help)}`
  return [
    '# devcluster completion for fish: devcluster completion fish | source',
    'complete -c devcluster -f',
    ...Object.entries(global).map(([name, spec]) => option('', name, spec)),
    ...commands.flatMap((command) => {
      const seen = `__fish_seen_subcommand_from ${names(command).join(' ')}`
      return [
        ...names(command).map((name) => `complete -c devcluster -n ${quoted(none)} -a ${name} -d ${quoted(command.summary)}`),
        ...Object.entries(command.options ?? {}).map(([name, spec]) => option(`-n ${quoted(seen)} `, name, spec)),
        ...(takesTargets(command) ? [`complete -c devcluster -n ${quoted(seen)} -a ${quoted(`(${TARGETS})`)}`] : []),
        ...(fixedWords(command).length > 0
          ? [`complete -c devcluster -n ${quoted(seen)} -a ${quoted(fixedWords(command).join(' '))}`]
          : []),
      ]
    }),
  ].join('\n')
}

/** Without a final line break. */
export function completionScript(shell: Shell, commands: readonly CommandSpec[], global: OptionSpecs): string {
  const write = { bash, zsh, fish }[shell]
  return write(shown(commands), global)
}
