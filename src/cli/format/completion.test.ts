// Completion scripts must be accepted by their shells and complete what the table has.
import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { GLOBAL_OPTIONS } from '../options.ts'
import { COMMANDS } from '../table.ts'
import { completionScript, SHELLS } from './completion.ts'

const here = (program: string) => spawnSync(program, ['-c', 'true']).status === 0

function complete(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `${completionScript('bash', COMMANDS, GLOBAL_OPTIONS)}\ndevcluster() { echo events; echo events-1; }\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _devcluster; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

describe.runIf(here('bash'))('bash', () => {
  test('commands by their beginning, hidden ones never', () => {
    expect(complete('devcluster', 'st')).toEqual(expect.arrayContaining(['stop', 'start', 'status']))
    expect(complete('devcluster', '__')).toEqual([])
  })

  test('options of the command', () => {
    expect(complete('devcluster', 'up', '--rec')).toEqual(['--recreate'])
    expect(complete('devcluster', '--json', 'logs', '--fo')).toEqual(['--follow'])
  })

  test('values of options that have only a few', () => {
    expect(complete('devcluster', 'env', '--format', 'd')).toEqual(['dotenv'])
  })

  test('nodes and services where they are taken, words where they are fixed', () => {
    expect(complete('devcluster', 'kill', 'events')).toEqual(['events', 'events-1'])
    expect(complete('devcluster', 'completion', '')).toEqual(expect.arrayContaining([...SHELLS]))
  })
})

test.each(SHELLS.filter((shell) => here(shell)))('%s must accept its script', (shell) => {
  const result = spawnSync(shell, ['-n'], { input: completionScript(shell, COMMANDS, GLOBAL_OPTIONS), encoding: 'utf8' })
  expect(result.stderr).toBe('')
  expect(result.status).toBe(0)
})

test.each(SHELLS)('%s must name every command', (shell) => {
  const script = completionScript(shell, COMMANDS, GLOBAL_OPTIONS)
  for (const command of COMMANDS.filter((each) => !each.hidden)) expect(script).toContain(command.name)
  expect(script).not.toMatch(/hidden/)
})
