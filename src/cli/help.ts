// Help texts out of the table of commands. Pure.
import type { CommandSpec, OptionSpecs } from './command.ts'
import { withShorts } from './parse.ts'

const GROUPS = ['Describe', 'Run', 'Look', 'Use', 'Machine'] as const

function optionLines(options: OptionSpecs): string[] {
  const rows = Object.entries(options).map(([name, option]) => {
    const left = `${option.short ? `-${option.short}, ` : '    '}--${name}${option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''}`
    return [left, option.multiple ? `${option.help} (repeatable)` : option.help] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`)
}

/** What `devcluster --help` prints, without a final line break. */
export function rootHelp(commands: readonly CommandSpec[], options: OptionSpecs): string {
  const shown = commands.filter((command) => !command.hidden)
  const left = (command: CommandSpec) => `${[command.name, ...(command.aliases ?? [])].join(', ')}${command.args ? ` ${command.args}` : ''}`
  const width = Math.max(...shown.map((command) => left(command).length))
  return [
    'usage: devcluster [OPTIONS] COMMAND [ARGUMENTS]',
    '',
    'One file, a usable development cluster, in containers or as plain processes.',
    ...GROUPS.flatMap((group) => [
      '',
      `${group}:`,
      ...shown.filter((command) => command.group === group).map((command) => `  ${left(command).padEnd(width)}  ${command.summary}`),
    ]),
    '',
    'Options:',
    ...optionLines(options),
    '',
    'Examples:',
    '  devcluster init && devcluster up',
    '  devcluster env --format shell',
    '  devcluster down',
    '',
    'devcluster COMMAND --help says more about one.',
  ].join('\n')
}

/** What `devcluster COMMAND --help` prints. */
export function commandHelp(command: CommandSpec, global: OptionSpecs): string {
  const own = command.options ?? {}
  const all = withShorts(global, own)
  const rest = Object.fromEntries(Object.entries(all).filter(([name]) => !(name in own)))
  return [
    `usage: devcluster ${command.name} ${Object.keys(own).length > 0 ? '[OPTIONS] ' : ''}${command.args ?? ''}`.trimEnd(),
    '',
    `${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`,
    ...(command.more ? [command.more] : []),
    ...(command.aliases ? ['', `Also: ${command.aliases.join(', ')}`] : []),
    ...(Object.keys(own).length > 0 ? ['', 'Options:', ...optionLines(own)] : []),
    '',
    command.example.length === 1 ? 'Example:' : 'Examples:',
    ...command.example.map((line) => `  ${line}`),
    '',
    'Options of every command:',
    ...optionLines(rest),
  ].join('\n')
}
