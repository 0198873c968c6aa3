// docs/errors.md and the list of codes must be the same list, with the exit codes that the command line really uses.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERROR_CODES, EXIT_CODES } from '../errors.ts'

const sections = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  .split(/^## /m)
  .slice(1)

test('every code has one heading, and every heading is a code', () => {
  expect(new Set(sections.map((section) => section.split('\n')[0]))).toEqual(new Set(ERROR_CODES))
  expect(sections.length).toBe(ERROR_CODES.length)
})

test.each(ERROR_CODES)('%s says what, why, what to do, and its exit code', (code) => {
  const section = sections.find((candidate) => candidate.startsWith(`${code}\n`)) ?? ''
  for (const part of ['**What:**', '**Why:**', '**What to do:**'])
    expect(section).toMatch(new RegExp(`${part.replaceAll('*', '\\*')} .{10,}`))
  expect(section).toContain(`Exit code ${EXIT_CODES[code]}.`)
})
