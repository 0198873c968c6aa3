import { expect, test } from 'vitest'
import type { NodeCommand } from '../../model/node.ts'
import { toolHint } from './tool-hint.ts'

const plain: NodeCommand = { via: 'container', argv: ['tool'] }

test('a wrong name is answered with the nearest, a strange one with each name once', () => {
  const commands = { 'toy-list': plain, 'toy-list.sh': plain, 'toy-show': plain, 'toy-show.sh': plain, 'only.sh': plain }
  expect(toolHint(commands, 'toy-lst')).toBe('did you mean toy-list?')
  expect(toolHint(commands, 'quite-different')).toBe('its own commands: toy-list, toy-show, only.sh')
  expect(toolHint({}, 'x')).toBe('give a program of PATH')
})
