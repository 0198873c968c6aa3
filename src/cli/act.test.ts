import { expect, test } from 'vitest'
import { DevclusterError } from '../errors.ts'
import { act } from './act.ts'
import { type Call, type CommandSpec, Flags } from './command.ts'
import { createPaint } from './io.ts'

const command: CommandSpec = {
  name: 'toy',
  kind: 'action',
  group: '',
  summary: '',
  example: [],
  load: () => Promise.reject(new Error('not loaded here')),
}

/** A call of an action whose output is kept. */
function called(flags: Readonly<Record<string, true>>) {
  const stdout: string[] = []
  const stderr: string[] = []
  const call: Call = {
    command,
    flags: new Flags(new Map(Object.entries(flags).map(([name, value]) => [name, [value]]))),
    args: [],
    rest: [],
    signal: new AbortController().signal,
    hotTried: false,
    io: {
      env: {},
      cwd: '/',
      out: (text) => {
        stdout.push(String(text))
        return Promise.resolve()
      },
      note: (line) => void stderr.push(line),
      stdin: process.stdin,
      stderr: process.stderr,
      outIsTerminal: false,
      errIsTerminal: false,
      outPaint: createPaint(false),
      errPaint: createPaint(false),
    },
  }
  return { call, stdout, stderr }
}

test('the result of a failed action names the folder of its report', async () => {
  const { call, stdout } = called({ json: true })
  const failure = new DevclusterError('NODE_EXITED', 'toy-1 ended', { data: { report: '/state/reports/1', log: ['x'] } })
  await expect(act(call, () => Promise.reject(failure))).rejects.toBe(failure)
  expect(stdout.map((line) => JSON.parse(line))).toMatchObject([
    { type: 'result', state: 'failed', error: { code: 'NODE_EXITED' }, data: { report: '/state/reports/1' } },
  ])
})

test('--quiet drops news and keeps data', async () => {
  for (const [flags, outcome, shown] of [
    [{}, { cluster: '', text: 'done: toy-1' }, ['done: toy-1\n']],
    [{ quiet: true }, { cluster: '', text: 'done: toy-1' }, []],
    [{ quiet: true }, { cluster: '', text: 'toy-1', isData: true }, ['toy-1\n']],
  ] as const) {
    const { call, stdout } = called(flags)
    expect(await act(call, () => Promise.resolve(outcome))).toBe(0)
    expect(stdout).toEqual(shown)
  }
})
