// docs/errors.md and the list of codes must agree, both ways, and so must the exit codes written there.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERROR_CODES, EXIT_CODES } from '../src/errors.ts'

const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')).trim(), section] as const),
)

test('every code has a heading and every heading is a code', () => {
  expect([...sections.keys()].sort()).toEqual([...ERROR_CODES].sort())
})

test.each([...ERROR_CODES])('the exit code of %s is the documented one', (code) => {
  expect(sections.get(code)).toContain(`Exit ${EXIT_CODES[code]}`)
})
