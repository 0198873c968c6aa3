import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseFile, parseObject } from './parse.ts'
import { locate, type Span, toPlain } from './tree.ts'

const piece = (span: Span | undefined) => span?.source.text?.slice(span.start, span.end)

async function plain(name: string, text: string): Promise<unknown> {
  const { root, diagnostics } = await parseFile(name, text)
  expect(diagnostics).toEqual([])
  return root && toPlain(root)
}

async function problems(name: string, text: string): Promise<string[]> {
  return (await parseFile(name, text)).diagnostics.map((item) => `${item.line}:${item.column} ${item.message}`)
}

describe('YAML', () => {
  test('each key and value must know its place', async () => {
    const { root } = await parseFile('/a.yaml', 'a: 1\nb:\n  - "x y"\n  - { c: true }\n')
    const entries = root?.type === 'map' ? root.entries : new Map()
    expect(piece(entries.get('a')?.key)).toBe('a')
    expect(piece(entries.get('a')?.value.span)).toBe('1')
    const list = entries.get('b')?.value
    expect(list?.type === 'list' && list.items.map((item: { span: Span }) => piece(item.span))).toEqual(['"x y"', '{ c: true }'])
  })

  test('anchors, aliases and merge keys must be resolved', async () => {
    expect(await plain('a.yaml', 'x-base: &b { n: 1, m: 2 }\na: { <<: *b, n: 3 }\nc: *b\nd: { <<: [*b, { z: 1 }] }\n')).toEqual({
      'x-base': { n: 1, m: 2 },
      a: { n: 3, m: 2 },
      c: { n: 1, m: 2 },
      d: { n: 1, m: 2, z: 1 },
    })
  })

  test('numbers as keys must be text, and tagged values their text', async () => {
    expect(await plain('a.yaml', '9092: a\nb: !!binary aGk=\nc: !mine x\n')).toEqual({ '9092': 'a', b: 'aGk=', c: 'x' })
  })

  test('an empty file must be an empty document, also with Windows line ends and a byte order mark', async () => {
    expect(await plain('a.yaml', '')).toBeNull()
    expect(await plain('a.yaml', '\ufeffa: 1\r\nb: 2\r\n')).toEqual({ a: 1, b: 2 })
  })

  test('duplicate keys, complex keys and missing anchors must be found all at once', async () => {
    expect(await problems('a.yaml', 'a: 1\nb: *no\na: 2\n? [x]\n: 1\n__proto__: 1\n')).toEqual([
      expect.stringMatching(/^2:4 .*(?:anchor|alias)/i),
      ...(await problems('a.yaml', 'a: 1\nb: 1\na: 2\n? [x]\n: 1\n__proto__: 1\n')),
    ])
    expect(await problems('a.yaml', 'a: 1\nb: 1\na: 2\n? [x]\n: 1\n__proto__: 1\n')).toEqual([
      '3:1 the key "a" is given twice',
      '4:3 a key must be text',
      '6:1 the key __proto__ is not allowed',
    ])
  })

  test('an alias inside its own anchor and a bomb of aliases must be refused', async () => {
    expect(await problems('a.yaml', 'a: &a [*a]\n')).toEqual([expect.stringContaining('never ends')])
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 9; level++) bomb.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`)
    expect(await problems('a.yaml', bomb.join('\n'))).toContainEqual(expect.stringContaining('too many values'))
  })

  test('thousands of brackets must be an error, not a crash', async () => {
    expect((await parseFile('a.yaml', '['.repeat(20_000))).diagnostics.length).toBeGreaterThan(0)
    expect((await parseFile('a.yaml', `a: ${'['.repeat(300)}${']'.repeat(300)}`)).diagnostics[0]?.message).toMatch(/nested/)
  })

  test('a variable inside flow maps and lists must need no quotes, and offsets must stay', async () => {
    const text = 'a: { n: ${N:-3}, m: x${A:-${B:-[1], x}}y, l: [${X}, ${Y:-# no comment}], q: "${Q}" } # ${not}\n${K}: 1\nb: ${open\n'
    expect(await plain('a.yaml', text)).toEqual({
      a: { n: '${N:-3}', m: 'x${A:-${B:-[1], x}}y', l: ['${X}', '${Y:-# no comment}'], q: '${Q}' },
      '${K}': 1,
      b: '${open',
    })
    const { root } = await parseFile('a.yaml', text)
    expect(piece(root && locate(root, ['a', 'l', 1]).node.span)).toBe('${Y:-# no comment}')
  })

  test('syntax errors must carry their line and column', async () => {
    expect(await problems('a.yaml', 'a: 1\nb: [1\nc: 2\n')).toContainEqual(expect.stringMatching(/^[23]:\d+ not YAML: /))
    expect(await problems('a.yaml', 'a:\n\tb: 1\n')).toContainEqual(expect.stringContaining('tab'))
    expect(await problems('a.yaml', 'a: 1\n---\nb: 1\n')).toContainEqual(expect.stringContaining('one file holds one document'))
  })
})

describe('JSON', () => {
  test('must be read as JSON reads it', async () => {
    const value = { a: [1, -2.5e3, true, false, null, 'x\n\u00e9"'], b: {}, c: [] }
    expect(await plain('a.json', JSON.stringify(value, null, '\t'))).toEqual(value)
    expect(await plain('a.json', `\ufeff ${JSON.stringify(value)} `)).toEqual(value)
  })

  test('must refuse what JSON refuses, at its place', async () => {
    expect(await problems('a.json', '{"a": 1,}')).toEqual(['1:9 not JSON: expected a key in double quotes, found "}"'])
    expect(await problems('a.json', '{\n  "a": 01 }')).toEqual([expect.stringMatching(/^2:9 /)])
    expect(await problems('a.json', '{"a": "x')).toEqual([expect.stringMatching(/^1:7 .*closed/)])
    expect(await problems('a.json', '')).toEqual([expect.stringMatching(/the file ends here/)])
    expect(await problems('a.json', '{} x')).toEqual([expect.stringMatching(/nothing after/)])
    expect(await problems('a.json', '['.repeat(9999))).toEqual([expect.stringMatching(/nested deeper/)])
  })

  test('must report duplicate keys and go on', async () => {
    expect(await problems('a.json', '{"a": 1, "a": 2, "b": 1, "b": 2}')).toHaveLength(2)
  })
})

describe('modules and objects', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'devcluster-parse-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  async function module(name: string, text: string) {
    const path = join(dir, name)
    writeFileSync(path, text)
    const { root, diagnostics } = await parseFile(path, text)
    return { value: root && toPlain(root), diagnostics }
  }

  test('the default export of a .ts and of an .mjs file must be the document', async () => {
    expect((await module('a.ts', 'const n: number = 3\nexport default { services: { toy: { nodes: n } } }')).value).toEqual({
      services: { toy: { nodes: 3 } },
    })
    expect((await module('a.mjs', 'export default async () => ({ name: "made" })')).value).toEqual({ name: 'made' })
  })

  test('a module may import its neighbours and wait at its top', async () => {
    writeFileSync(join(dir, 'other.ts'), 'export const n: number = 4')
    const text =
      'import { n } from "./other.ts"\nconst name = await Promise.resolve("later")\nexport default { name, n, here: import.meta.url.startsWith("file:") }'
    expect((await module('a.ts', text)).value).toEqual({ name: 'later', n: 4, here: true })
  })

  test('a changed module must be read anew', async () => {
    expect((await module('a.mjs', 'export default { name: "one" }')).value).toEqual({ name: 'one' })
    expect((await module('a.mjs', 'export default { name: "two" }')).value).toEqual({ name: 'two' })
  })

  test('a module that fails must be a diagnostic', async () => {
    const { value, diagnostics } = await module('a.mjs', 'throw new Error("no luck")')
    expect(value).toBeUndefined()
    expect(diagnostics[0]?.message).toContain('no luck')
  })

  test('what a file could not say must be refused with its path', () => {
    const self: Record<string, unknown> = {}
    self['me'] = self
    const source = { kind: 'object', name: 'object', dir: '/' } as const
    const { diagnostics, root } = parseObject({ f: () => 1, d: [new Date()], self, gone: undefined, ok: 1 }, source)
    expect(diagnostics.map((item) => `${item.path}: ${item.message}`)).toEqual([
      'f: expected data, got a function',
      'd[0]: expected plain data, got an instance of a class',
      'self.me: contains itself',
    ])
    expect(root && toPlain(root)).not.toHaveProperty('gone')
  })
})
