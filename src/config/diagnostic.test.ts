import { expect, test } from 'vitest'
import { type Diagnostic, diagnosticAt, formatDiagnostics, summarise } from './diagnostic.ts'
import type { Source } from './tree.ts'

function at(text: string, piece: string, name = '/home/me/a.yaml'): Diagnostic {
  const source: Source = { kind: 'file', name, dir: '/home/me', text }
  const start = text.indexOf(piece)
  return diagnosticAt({ source, start, end: start + piece.length }, ['services', 'toy'], { message: 'wrong', hint: 'mend it' })
}

test('a position must be counted in lines and columns from one', () => {
  expect(at('a: 1\n  b: two\n', 'two')).toMatchObject({ line: 2, column: 6, endColumn: 9, excerpt: '  b: two', path: 'services.toy' })
  expect(at('\nb', '\n')).toMatchObject({ line: 1, column: 1 })
})

test('carets must stand under the value, and the hint below', () => {
  expect(formatDiagnostics([at('a: 1\nb: two\n', 'two')], { cwd: '/home/me' })).toBe(
    ['a.yaml:2:4  wrong', '  2 | b: two', '    |    ^^^', '    hint: mend it', '', '1 error', ''].join('\n'),
  )
})

test('carets must stand under values behind wide characters, tabs and Windows line ends', () => {
  const lines = formatDiagnostics([at('日本:\t{ x: bad }\r\n', 'bad')]).split('\n')
  expect(lines[1]).toBe('  1 | 日本: { x: bad }')
  expect(lines[2]).toBe(`    | ${' '.repeat(11)}^^^`)
})

test('a value over several lines must be marked on its first line only', () => {
  const text = 'a: |\n  one\n  two\n'
  expect(at(text, '|\n  one\n  two\n')).toMatchObject({ line: 1, column: 4, endColumn: 5 })
})

test('a very long line must be cut to a window around the caret', () => {
  const lines = formatDiagnostics([at(`a: ${'x'.repeat(500)}bad${'y'.repeat(500)}`, 'bad')]).split('\n')
  expect(lines[1]?.length).toBeLessThan(140)
  const caret = lines[2]?.indexOf('^') ?? 0
  expect(lines[1]?.slice(caret, caret + 3)).toBe('bad')
})

test('an object must be pointed into by path, a module by file and path', () => {
  const object = diagnosticAt({ source: { kind: 'object', name: 'object', dir: '/' } }, ['services', 'a b', 0], { message: 'wrong' })
  expect(object).toEqual({ severity: 'error', code: 'CONFIG_INVALID', message: 'wrong', path: 'services["a b"][0]' })
  expect(formatDiagnostics([object])).toContain('services["a b"][0]  wrong')
  const module = diagnosticAt({ source: { kind: 'module', name: '/w/c.ts', dir: '/w' } }, ['services'], { message: 'wrong' })
  expect(formatDiagnostics([module], { cwd: '/w' })).toContain('c.ts (services)  wrong')
})

test('colours must come from the style alone', () => {
  const mark = (letter: string) => (text: string) => `<${letter}>${text}</${letter}>`
  const style = { error: mark('e'), warning: mark('w'), strong: mark('s'), faint: mark('f') }
  const text = formatDiagnostics([at('b: two', 'two'), { ...at('b: two', 'two'), severity: 'warning' }], { style })
  expect(text).toContain('<e>^^^</e>')
  expect(text).toContain('<w>^^^</w>')
  expect(text).toContain('<w>warning:</w> wrong')
})

test('the summary must count errors and warnings apart', () => {
  const error = at('x', 'x')
  expect(summarise([error, error, { ...error, severity: 'warning' }])).toBe('2 errors, 1 warning')
  expect(formatDiagnostics([])).toBe('')
})
