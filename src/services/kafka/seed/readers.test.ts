// Readers of seed files: what they yield, and the place of every mistake.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDevclusterError } from '../../../errors.ts'
import type { KafkaSeed } from '../options.ts'
import { ArraySplitter } from './readers/json-array.ts'
import { hashOf, recordsOf } from './source.ts'

type Form = Extract<KafkaSeed, { from: 'file' }>['as']

const signal = new AbortController().signal
let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'devcluster-seeds-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const show = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())

async function read(as: Form, content: string | Uint8Array, key?: string) {
  const file = join(dir, 'seed')
  await writeFile(file, content)
  const seed: KafkaSeed = { from: 'file', file, as, ...(key === undefined ? {} : { key }) }
  const all = []
  for await (const records of recordsOf('t', { partitions: 3, replicas: 1, config: {}, seed }, signal) ?? []) all.push(...records)
  return all.map(({ key: k, value, headers, partition, timestamp }) => ({
    key: show(k),
    value: show(value),
    headers: headers.map((h) => [h.key, show(h.value)]),
    partition,
    timestamp,
  }))
}

/** `line:column: message` of the mistake. */
async function mistake(as: Form, content: string | Uint8Array, key?: string): Promise<string> {
  try {
    await read(as, content, key)
  } catch (error) {
    if (!isDevclusterError(error) || error.code !== 'SEED_INVALID') throw error
    return error.message.replace(`${join(dir, 'seed')}:`, '')
  }
  throw new Error('no mistake was found')
}

const bare = { headers: [], partition: undefined, timestamp: undefined }

describe('ndjson envelopes', () => {
  it('must become bytes as documented', async () => {
    const lines = [
      '{"key":"a","value":"hé\\n\\"x\\"","headers":{"h":"v","n":null,"l":[1]},"partition":2,"timestamp":1700000000000}',
      '{ "key" : {"id": 1}, "value": [1, 2.50, 12345678901234567890, "a b"], "timestamp": "2026-01-31T13:00:00+01:00" }',
      '',
      '{"key":7,"value":false,"headers":[["d","1"],{"key":"d","value":null}]}',
      '{"value":null}',
      '{}',
    ]
    expect(await read('ndjson', lines.join('\r\n'))).toEqual([
      {
        key: 'a',
        value: 'hé\n"x"',
        headers: [
          ['h', 'v'],
          ['n', null],
          ['l', '[1]'],
        ],
        partition: 2,
        timestamp: 1700000000000,
      },
      {
        key: '{"id":1}',
        value: '[1,2.50,12345678901234567890,"a b"]',
        headers: [],
        partition: undefined,
        timestamp: Date.UTC(2026, 0, 31, 12),
      },
      {
        ...bare,
        key: '7',
        value: 'false',
        headers: [
          ['d', '1'],
          ['d', null],
        ],
      },
      { ...bare, key: null, value: null },
      { ...bare, key: null, value: null },
    ])
  })

  it('must decode $base64, and take the key from a field of the value when told to', async () => {
    expect(await read('ndjson', '{"value":{"$base64":"aGk="}}\n')).toMatchObject([{ value: 'hi' }])
    expect(await read('ndjson', '{"value":{"id":5}}\n{"key":null,"value":{"id":6}}\n', 'id')).toMatchObject([{ key: '5' }, { key: null }])
  })

  it('must read what `consume --json` prints', async () => {
    expect(await read('ndjson', '{"topic":"t","partition":0,"offset":9,"timestamp":5,"key":null,"value":"v","headers":[]}')).toEqual([
      { key: null, value: 'v', headers: [], partition: 0, timestamp: 5 },
    ])
  })

  it.each([
    ['{"value":1}\n{"value":}', '2:10: unexpected "}" where a value should be'],
    ['{"value":"a\tb"}', '1:12: a control character inside a string must be escaped'],
    ['{"value":1', '1:11: ends where a comma or the end should be'],
    ['{"value":01}', '1:10: unexpected "01" where a value should be'],
    ['{"é":1,"vlaue":1}', '1:2: unknown field "é": an envelope has key, value, headers, partition, timestamp'],
    ['{"value":"é","vlaue":1}', '1:14: unknown field "vlaue": an envelope has key, value, headers, partition, timestamp'],
    ['{"value":1,"value":2}', '1:12: field "value" twice'],
    ['[1]', '1:1: a line must be an object {"key", "value", "headers", "partition", "timestamp"}'],
    ['{"partition": 3}', '1:15: partition 3 does not exist: the topic has 3 (0 to 2)'],
    ['{"partition": "0"}', '1:15: partition must be a whole number from 0'],
    [
      '{"timestamp":"yesterday"}',
      '1:14: timestamp "yesterday" is neither a number of milliseconds nor RFC 3339 such as "2026-01-31T12:00:00Z"',
    ],
    ['{"headers":7}', '1:12: headers must be an object, or a list of [key, value]'],
    ['{"headers":[["a"]]}', '1:12: a header in a list must be [key, value] or {"key", "value"} with a string as key'],
    ['{"value":{"$base64":"?"}}', '1:10: "$base64" holds no base64'],
    ['{"value":1} x', '1:13: unexpected "x" after the value'],
  ])('must be refused with the place: %s', async (content, message) => {
    expect(await mistake('ndjson', content)).toBe(message)
  })

  it('must be refused where they are not UTF-8', async () => {
    expect(await mistake('ndjson', Buffer.concat([Buffer.from('{"value":"é'), Buffer.from([0xff]), Buffer.from('"}')]))).toBe(
      '1:12: not valid UTF-8',
    )
  })
})

describe('csv', () => {
  it('must follow RFC 4180, with a key column that is taken out', async () => {
    const text = 'key,name,note\r\nk1,"Ann, ""x""","two\r\nlines"\r\n\r\n,B,\r\n'
    expect(await read('csv', text)).toEqual([
      { ...bare, key: 'k1', value: '{"name":"Ann, \\"x\\"","note":"two\\r\\nlines"}' },
      { ...bare, key: null, value: '{"name":"B","note":""}' },
    ])
  })

  it('must keep a column that `key` names, and skip a byte order mark', async () => {
    expect(await read('csv', '\ufeffid,a\n7,x', 'id')).toEqual([{ ...bare, key: '7', value: '{"id":"7","a":"x"}' }])
  })

  it('must read back any cells that were quoted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string()), { minLength: 1, maxLength: 5 }), async (rows) => {
        const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`
        const text = ['a,b', ...rows.map((row) => row.map(quote).join(','))].join('\n')
        expect((await read('csv', text)).map(({ value }) => JSON.parse(value ?? ''))).toEqual(rows.map(([a, b]) => ({ a, b })))
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['', '1:1: the file is empty: the first row must name the columns'],
    ['a,b\n1', '2:1: 1 cell, but the first row names 2 columns'],
    ['a,b\n1,2"', '2:4: a quote inside a cell that is not quoted'],
    ['a,b\n1,"2"x', '2:6: unexpected "x" after a closing quote'],
    ['a,b\n1,"2\n3', '2:3: a quoted cell is not closed'],
    ['a,a\n', '1:1: two columns are called "a"'],
    ['a,\n', '1:1: column 2 has no name'],
  ])('must be refused with the place: %j', async (content, message) => {
    expect(await mistake('csv', content)).toBe(message)
  })

  it('must name the columns when the key is none of them', async () => {
    expect(await mistake('csv', 'a,b\n', 'id')).toBe('1:1: there is no column "id" for the key; there are a, b')
  })
})

describe('json arrays', () => {
  it('must be cut into their elements', async () => {
    expect(await read('json-array', ' [ {"id": 1, "a": "]}\\""},\n[1, 2] , null,"x", 1.50 ]\n')).toMatchObject([
      { value: '{"id":1,"a":"]}\\""}' },
      { value: '[1,2]' },
      { value: null },
      { value: '"x"' },
      { value: '1.50' },
    ])
    expect(await read('json-array', '[{"id":"k"},{"id":7}]', 'id')).toMatchObject([{ key: 'k' }, { key: '7' }])
    expect(await read('json-array', '[]')).toEqual([])
  })

  it('must be cut the same wherever the chunks end', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), fc.nat(), fc.nat({ max: 2 }), (values, at, indent) => {
        const text = Buffer.from(JSON.stringify(values, null, indent))
        const cut = at % (text.length + 1)
        const splitter = new ArraySplitter('f')
        const elements = [...splitter.push(text.subarray(0, cut)), ...splitter.push(text.subarray(cut))]
        splitter.end()
        expect(elements.map(({ bytes }) => JSON.parse(bytes.toString()))).toEqual(JSON.parse(text.toString()))
      }),
    )
  })

  it.each([
    ['', '1:1: the file is empty: a JSON array is wanted'],
    ['{"a":1}', '1:1: unexpected "{" : a JSON array is wanted'.replace(' :', ':')],
    ['[1,\n 2,]', '2:4: unexpected "]" where a value should be'],
    ['[1 2]', '1:4: unexpected "2" after the value'],
    ['[\n {"é": 1,\n  "b": tru}]', '3:8: unexpected "tru" where a value should be'],
    ['[1, {"a": 2', '1:5: this element is not closed'],
    ['[1', '1:3: the array is not closed'],
    ['[1] 2', '1:5: unexpected "2" after the array'],
  ])('must be refused with the place: %j', async (content, message) => {
    expect(await mistake('json-array', content)).toBe(message)
  })

  it('must be refused when the field for the key is not there', async () => {
    expect(await mistake('json-array', '[{"id":1},\n{"x":1}]', 'id')).toBe('2:1: there is no field "id" for the key')
  })
})

describe('lines and whole files', () => {
  it('must be taken as they stand', async () => {
    expect(await read('lines', 'a\r\n\nb')).toMatchObject([{ value: 'a' }, { value: '' }, { value: 'b' }])
    expect(await read('value', 'a\nb\n')).toMatchObject([{ value: 'a\nb\n', key: null }])
  })

  it('must give their key when it is a field of their JSON', async () => {
    expect(await read('lines', '{"id":1}\n\n{"id":"b"}\n', 'id')).toMatchObject([{ key: '1' }, { key: 'b' }])
    expect(await read('value', '{"id":{"x": 1}}', 'id')).toMatchObject([{ key: '{"x":1}' }])
    expect(await mistake('lines', '{"id":1}\n{"id":', 'id')).toBe('2:7: ends where a value should be')
    expect(await mistake('value', '{"a":1,\n"b":}', 'id')).toBe('2:5: unexpected "}" where a value should be')
  })

  it('must be streamed: a hundred thousand lines cross every chunk border unharmed', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}`)
    expect((await read('lines', lines.join('\n'))).map(({ value }) => value)).toEqual(lines)
  })
})

describe('a file that cannot be read', () => {
  it('must be SEED_INVALID, naming it', async () => {
    const seed: KafkaSeed = { from: 'file', file: join(dir, 'absent'), as: 'lines' }
    await expect(hashOf(seed, signal)).rejects.toMatchObject({
      code: 'SEED_INVALID',
      message: `${join(dir, 'absent')}: there is no such file`,
    })
    await expect(hashOf({ ...seed, file: dir }, signal)).rejects.toMatchObject({ code: 'SEED_INVALID', message: `${dir}: it is a folder` })
  })
})

describe('the hash of a seed', () => {
  it('must change with the content and with how it is read, and with nothing else', async () => {
    const file = join(dir, 'hashed')
    await writeFile(file, 'a\n')
    const hash = (as: Form, key?: string) => hashOf({ from: 'file', file, as, ...(key ? { key } : {}) }, signal)
    const first = await hash('lines')
    expect(await hash('lines')).toBe(first)
    expect(await hash('value')).not.toBe(first)
    expect(await hash('lines', 'id')).not.toBe(first)
    await writeFile(file, 'b\n')
    expect(await hash('lines')).not.toBe(first)
  })
})
