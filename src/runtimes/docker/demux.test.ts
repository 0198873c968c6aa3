import { expect, test } from 'vitest'
import { demux, LineCutter } from './demux.ts'
import { linesOf, splitStamp } from './logs.ts'

function frame(stream: 1 | 2, text: string): Buffer {
  const data = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(data.byteLength, 4)
  return Buffer.concat([header, data])
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

test.each([1, 3, 8, 9, 1000])('frames survive chunks of %i bytes', async (size) => {
  const bytes = Buffer.concat([frame(1, 'out'), frame(2, 'err'), frame(1, ''), frame(1, 'žluťoučký')])
  const frames = await collect(demux(chunked(bytes, size)))
  expect(frames.map((one) => [one.stream, one.data.toString()])).toEqual([
    ['stdout', 'out'],
    ['stderr', 'err'],
    ['stdout', ''],
    ['stdout', 'žluťoučký'],
  ])
})

test('a frame cut off by the end is given as far as it came', async () => {
  expect((await collect(demux(chunked(frame(2, 'abcdef').subarray(0, 11), 4)))).map((one) => one.data.toString())).toEqual(['abc'])
})

test('lines are cut at line ends, also within a character', () => {
  const cutter = new LineCutter()
  const bytes = Buffer.from('a\r\nbü\nrest')
  const lines: string[] = []
  for (const byte of bytes) lines.push(...cutter.push(Buffer.from([byte])))
  expect(lines).toEqual(['a', 'bü'])
  expect(cutter.rest()).toEqual(['rest'])
  expect(cutter.rest()).toEqual([])
})

test('the engine’s time is taken off a line', () => {
  expect(splitStamp('2026-01-02T03:04:05.123456789Z hello there')).toEqual({ at: Date.UTC(2026, 0, 2, 3, 4, 5, 123), text: 'hello there' })
  expect(splitStamp('2026-01-02T03:04:05Z ')).toEqual({ at: Date.UTC(2026, 0, 2, 3, 4, 5), text: '' })
  expect(splitStamp('no time')).toEqual({ text: 'no time' })
})

test('pieces of one long line are joined; a last word without a line end stays apart from the next run', async () => {
  const [t1, t2, t3] = ['2026-01-02T03:04:05.1Z ', '2026-01-02T03:04:06.1Z ', '2026-01-02T03:04:07.1Z ']
  const bytes = Buffer.concat([
    frame(1, `${t1}abc`),
    frame(2, `${t1}other\n`),
    frame(1, `${t1}def\n`),
    frame(1, `${t2}cut off`),
    frame(1, `${t3}next run\n`),
  ])
  const lines = await collect(linesOf('n', demux(chunked(bytes, 7))))
  expect(lines.map((line) => [line.stream, line.text])).toEqual([
    ['stderr', 'other'],
    ['stdout', 'abcdef'],
    ['stdout', 'cut off'],
    ['stdout', 'next run'],
  ])
})
