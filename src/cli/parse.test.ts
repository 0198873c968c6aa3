// The parser against a small table of its own.
import { describe, expect, test } from 'vitest'
import { isDevclusterError } from '../errors.ts'
import type { CommandSpec } from './command.ts'
import { GLOBAL_OPTIONS, ROOT_OPTIONS } from './options.ts'
import { parse, withShorts } from './parse.ts'

const load = () => Promise.reject(new Error('not run here'))
const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'look',
    aliases: ['see'],
    kind: 'look',
    group: 'x',
    summary: 's',
    args: '[NODE...]',
    takes: [0, 2],
    example: [],
    load,
    options: { follow: { type: 'boolean', short: 'f', help: 'h' }, tail: { type: 'string', value: 'N', help: 'h' } },
  },
  { name: 'exec', kind: 'look', group: 'x', summary: 's', args: 'NODE COMMAND...', takes: [1, 1], passThrough: true, example: [], load },
  { name: '__hidden', kind: 'look', group: 'x', summary: 's', hidden: true, example: [], load },
]

function parsed(...argv: string[]) {
  const result = parse(argv, COMMANDS, ROOT_OPTIONS)
  if (!result.command) throw new Error('no command')
  return result
}

function complaint(...argv: string[]): { code: string; message: string; hint: string | undefined } {
  try {
    parse(argv, COMMANDS, ROOT_OPTIONS)
  } catch (error) {
    if (isDevclusterError(error)) return { code: error.code, message: error.message, hint: error.hint }
    throw error
  }
  throw new Error(`${argv.join(' ')} was accepted`)
}

describe('what is understood', () => {
  test('options may stand before and behind the command, repeated ones keep their order', () => {
    const { command, flags, args } = parsed('--set', 'a=1', 'look', 'n1', '--set=b=2', '--json', 'n2')
    expect(command.name).toBe('look')
    expect(flags.list('set')).toEqual(['a=1', 'b=2'])
    expect(flags.on('json')).toBe(true)
    expect(args).toEqual(['n1', 'n2'])
  })

  test('a letter is the global option in front of the command and its own behind it', () => {
    const { flags } = parsed('-f', 'x.yaml', 'look', '-f')
    expect(flags.text('file')).toBe('x.yaml')
    expect(flags.on('follow')).toBe(true)
    expect(withShorts(GLOBAL_OPTIONS, COMMANDS[0]?.options ?? {})['file']?.short).toBeUndefined()
  })

  test('an alias is its command', () => {
    expect(parsed('see').command.name).toBe('look')
  })

  test('what follows the node of a pass-through command is left alone, with or without dashes', () => {
    expect(parsed('exec', 'n1', 'ls', '--all', '-f').rest).toEqual(['ls', '--all', '-f'])
    expect(parsed('exec', 'n1', '--', 'ls', '--json').rest).toEqual(['ls', '--json'])
    expect(parsed('exec', '--id', 'c-1', 'n1', '--', 'a', '--', 'b')).toMatchObject({ args: ['n1'], rest: ['a', '--', 'b'] })
    expect(parsed('exec', 'n1', 'ls', '--json').flags.on('json')).toBe(false)
  })

  test('help needs no arguments', () => {
    expect(parsed('exec', '--help').flags.on('help')).toBe(true)
  })

  test('a value may begin with a dash after an equals sign', () => {
    expect(parsed('look', '--tail=-1').flags.text('tail')).toBe('-1')
  })
})

describe('what is refused', () => {
  test.each([
    [['lok'], 'there is no command lok', 'look'],
    [['--jsn', 'look'], 'devcluster knows no option --jsn', '--json'],
    [['look', '--folow'], 'look knows no option --folow', '--follow'],
    [['look', '--tail'], '--tail needs a value', '--tail N'],
    [['look', '--tail', '--json'], '--tail needs a value', '--tail N'],
    [['look', '--json=yes'], '--json takes no value', 'look --help'],
    [['look', '--runtime', 'dokcer'], '--runtime cannot be dokcer', 'docker'],
    [['look', 'a', 'b', 'c'], 'look takes no argument c', 'look [NODE...]'],
    [['exec'], 'exec needs NODE', 'exec NODE'],
  ])('%j', (argv, message, hint) => {
    const found = complaint(...argv)
    expect(found.code).toBe('USAGE')
    expect(found.message).toContain(message)
    expect(found.hint).toContain(hint)
  })

  test('a hidden command is never suggested', () => {
    expect(complaint('__hiden').hint).not.toContain('__hidden')
  })
})

test('without a command there is none', () => {
  expect(parse(['--version'], COMMANDS, ROOT_OPTIONS)).toMatchObject({ command: undefined })
  expect(parse([], COMMANDS, ROOT_OPTIONS).command).toBeUndefined()
})
