// A node's own tools by name: which one is meant, and what it is given. Runs nothing.
import type { NodeCommand } from './node.ts'

type Commands = Readonly<Record<string, NodeCommand>>

/** The tool of this name, with or without `.sh`. */
export function toolNamed(commands: Commands, name: string): NodeCommand | undefined {
  for (const known of [name, name.replace(/\.sh$/, '')]) if (Object.hasOwn(commands, known)) return commands[known]
  return undefined
}

/** The caller's arguments, completed where they leave something out. One who asks for help, or says nothing, gets what the tool says to that. */
export function toolArguments(command: NodeCommand, args: readonly string[]): readonly string[] {
  const { defaults } = command
  if (!defaults || args.length === 0 || args.some((arg) => /^(-h|--help|--version)$/.test(arg))) return args
  if (args.some((arg) => defaults.unless.some((option) => arg === option || arg.startsWith(`${option}=`)))) return args
  return defaults.behind ? [...args, ...defaults.args] : [...defaults.args, ...args]
}
