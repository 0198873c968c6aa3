import { expect, test } from 'vitest'
import type { NodeCommand } from './node.ts'
import { toolArguments, toolNamed } from './tools.ts'

const plain: NodeCommand = { via: 'container', argv: ['tool'] }
const addressed: NodeCommand = { ...plain, defaults: { args: ['--to', 'toy-1:1'], unless: ['--to', '-t'] } }

test('a tool gets the address that its caller leaves out, and never two', () => {
  expect(toolArguments(addressed, ['--list'])).toEqual(['--to', 'toy-1:1', '--list'])
  for (const given of [['--to', 'x', '--list'], ['--to=x'], ['-t', 'x']]) expect(toolArguments(addressed, given)).toEqual(given)
  expect(toolArguments(plain, ['--list'])).toEqual(['--list'])
})

test('a sub-command that owns the option gets it behind its words', () => {
  expect(toolArguments({ ...plain, defaults: { args: ['--to', 'a'], unless: [], behind: true } }, ['show'])).toEqual(['show', '--to', 'a'])
})

test('whoever asks for help gets the help', () => {
  for (const asked of [[], ['--help'], ['-h'], ['sub', '--help'], ['--version']]) expect(toolArguments(addressed, asked)).toEqual(asked)
})

test('a tool is known with and without .sh, and nothing else is', () => {
  expect(toolNamed({ tool: addressed }, 'tool.sh')).toBe(addressed)
  expect(toolNamed({ tool: addressed }, 'toString')).toBeUndefined()
})
