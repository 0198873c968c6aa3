// Every command must be explained with an example that the parser accepts.
import { expect, test } from 'vitest'
import { commandHelp } from './help.ts'
import { GLOBAL_OPTIONS, ROOT_OPTIONS } from './options.ts'
import { parse } from './parse.ts'
import { COMMANDS } from './table.ts'

const shown = COMMANDS.filter((command) => !command.hidden)

/** The devcluster calls in a line of shell. */
function callsIn(line: string): string[][] {
  return [...line.matchAll(/(?:^|[|&("] ?|<\()devcluster ([^|<>)&"]*)/g)].map((match) => (match[1] ?? '').trim().split(/\s+/))
}

test.each(shown.map((command) => [command.name, command] as const))('%s', (name, command) => {
  const text = commandHelp(command, GLOBAL_OPTIONS)
  expect(text).toContain(`usage: devcluster ${name}`)
  expect(command.example.length).toBeGreaterThan(0)
  for (const line of command.example) {
    const calls = callsIn(line)
    expect(calls.length, line).toBeGreaterThan(0)
    for (const argv of calls) expect(parse(argv, COMMANDS, ROOT_OPTIONS).command?.name).toBe(name)
  }
})

test('no command may use a letter or a name twice', () => {
  const names = COMMANDS.flatMap((command) => [command.name, ...(command.aliases ?? [])])
  expect(new Set(names).size).toBe(names.length)
  for (const command of COMMANDS) {
    const letters = Object.values(command.options ?? {}).flatMap((option) => option.short ?? [])
    expect(new Set(letters).size).toBe(letters.length)
    expect(Object.keys(command.options ?? {}).filter((option) => option in GLOBAL_OPTIONS)).toEqual([])
  }
})

test('every body must exist and be a function', async () => {
  for (const command of COMMANDS) expect(typeof (await command.load()).run, command.name).toBe('function')
})
