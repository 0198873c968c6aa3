import { expect, test } from 'vitest'
import type { NodeExit } from '../../model/runtime.ts'
import { createPaint } from '../io.ts'
import { formatStatus } from './status.ts'

function shown(exit: Partial<NodeExit>): string {
  const whole: NodeExit = { node: 'toy-1', at: 0, code: null, signal: null, outOfMemory: false, expected: false, ...exit }
  const node = {
    id: 'toy-1',
    service: 'toy',
    kind: 'toy',
    role: 'member',
    ports: {},
    standIn: false,
    state: 'stopped',
    exit: whole,
  } as const
  const service = { name: 'toy', kind: 'toy', description: '1 toy', ready: false }
  const status = {
    v: 1,
    id: 'c-1',
    name: 'c',
    runtime: 'process',
    ready: false,
    persistent: true,
    services: [service],
    nodes: [node],
  } as const
  return formatStatus(status, createPaint(false))
}

test('a clean stop does not read like a crash; a kill and a crash say how', () => {
  expect(shown({ expected: true, code: 143 })).toMatch(/ stopped at 1970-/)
  expect(shown({ expected: true, code: 143 })).not.toContain('143')
  expect(shown({ expected: true, signal: 'SIGKILL' })).toContain('stopped by SIGKILL at')
  expect(shown({ code: 1 })).toContain('ended with exit code 1 at')
})
