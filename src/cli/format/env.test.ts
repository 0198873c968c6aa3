// Every format, read back by the program it is for where that is at hand.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDotEnv } from '../../config/variables.ts'
import { formatEnv, githubMasks } from './env.ts'

const PLAIN = { EVENTS_BOOTSTRAP_SERVERS: '127.0.0.1:20001,127.0.0.1:20002', EVENTS_URL: 'http://127.0.0.1:8080/a?b=c%20d' }
const AWKWARD = { BLANK: 'a b', SINGLE: "it's", DOUBLE: 'say "x"', DOLLAR: '$HOME `id`', HASH: 'a#b', EMPTY: '', BACKSLASH: 'a\\b' }

describe('dotenv', () => {
  test('ordinary values must not be quoted', () => {
    expect(formatEnv('dotenv', { A: '127.0.0.1:20001,127.0.0.1:20002' }, {})).toBe('A=127.0.0.1:20001,127.0.0.1:20002')
  })

  test('our own reader must read every value back', () => {
    expect(parseDotEnv(`${formatEnv('dotenv', { ...PLAIN, ...AWKWARD }, {})}\n`)).toEqual({ ...PLAIN, ...AWKWARD })
  })

  test("Node's reader must read back what it can express", () => {
    const dir = mkdtempSync(join(tmpdir(), 'devcluster-env-'))
    try {
      const wanted = { ...PLAIN, BLANK: 'a b', HASH: 'a#b', DOLLAR: '$HOME `id`' }
      writeFileSync(join(dir, 'x.env'), `${formatEnv('dotenv', wanted, {})}\n`)
      const text = execFileSync(
        process.execPath,
        [
          `--env-file=${join(dir, 'x.env')}`,
          '-p',
          `JSON.stringify(Object.fromEntries(${JSON.stringify(Object.keys(wanted))}.map((k) => [k, process.env[k]])))`,
        ],
        { encoding: 'utf8', env: {} },
      )
      expect(JSON.parse(text)).toEqual(wanted)
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})

test('a shell must read every value back, line breaks included', () => {
  const wanted = { ...PLAIN, ...AWKWARD, LINES: 'one\ntwo' }
  const script = `${formatEnv('shell', wanted, {})}\n${Object.keys(wanted)
    .map((name) => `printf '%s\\0' "$${name}"`)
    .join('\n')}`
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8', env: {} }).split('\0').slice(0, -1)).toEqual(Object.values(wanted))
})

test('json must be a flat map of strings', () => {
  expect(JSON.parse(formatEnv('json', AWKWARD, {}))).toEqual(AWKWARD)
})

test('spring must write properties only, escaped as java.util.Properties reads them', () => {
  expect(formatEnv('spring', PLAIN, { 'spring.x': 'a\\b', 'spring.y': ' c\nd' })).toBe('spring.x=a\\\\b\nspring.y=\\ c\\nd')
})

test('github must delimit values with line breaks by a word that they do not contain', () => {
  expect(formatEnv('github', { A: 'x', B: 'one\nEND\ntwo' }, {})).toBe('A=x\nB<<END_\none\nEND\ntwo\nEND_')
  expect(githubMasks({ A: 'x', P: 'secret' }, ['P', 'GONE'])).toEqual(['::add-mask::secret'])
})
