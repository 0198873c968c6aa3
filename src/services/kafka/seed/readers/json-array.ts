// `.json`: an array whose elements are values. The array is split while it streams, so that only one element is in memory; JSON.parse judges each element.
import { isUtf8 } from 'node:buffer'
import { type Position, positionIn, seedInvalid } from '../invalid.ts'
import { compact } from '../json-text.ts'
import { ContentError, keyField, parseJson } from '../json-value.ts'
import { NO_HEADERS, type ReadOptions, type SeedRecord, type SeedRecords } from '../seed-record.ts'
import { chunksOf, MAX_ITEM_BYTES } from './lines-of.ts'
import { invalidUtf8At } from './utf8.ts'

/** An element's text as it stands in the file. */
export interface Element {
  readonly bytes: Buffer
  readonly at: Position
}

export async function* readJsonArray(file: string, key: string | undefined, options: ReadOptions): SeedRecords {
  const splitter = new ArraySplitter(file)
  for await (const chunk of chunksOf(file, options.signal)) {
    const records = splitter.push(chunk).map((element) => recordOf(file, element, key))
    if (records.length > 0) yield records
  }
  splitter.end()
}

function recordOf(file: string, { bytes, at }: Element, key: string | undefined): SeedRecord {
  if (!isUtf8(bytes)) {
    const before = bytes.toString('utf8', 0, invalidUtf8At(bytes))
    throw seedInvalid(file, positionIn(before, before.length, at), 'not valid UTF-8')
  }
  const text = bytes.toString('utf8')
  try {
    const value = parseJson(text)
    return {
      key: key === undefined ? null : keyField(value, key),
      value: value === null ? null : compact(bytes),
      headers: NO_HEADERS,
      partition: undefined,
      timestamp: undefined,
    }
  } catch (error) {
    if (error instanceof ContentError) throw seedInvalid(file, positionIn(text, error.offset ?? 0, at), error.message)
    throw error
  }
}

/**
 *   start --[--> first --value--> element --,--> next --value--> element ...
 *                  |                 |
 *                  +-------]---------+--> end
 */
type State = 'start' | 'first' | 'next' | 'element' | 'end'

/** Cuts the text of an array into the texts of its elements. It knows strings, nesting and commas; everything else is JSON.parse's. */
export class ArraySplitter {
  private readonly file: string
  private state: State = 'start'
  private depth = 0
  private inString = false
  private escaped = false
  private pieces: Buffer[] = []
  private pieceBytes = 0
  private start: Position = { line: 1, column: 1 }
  private line = 1
  private column = 1

  constructor(file: string) {
    this.file = file
  }

  /** Elements that end in this chunk. */
  push(chunk: Buffer): Element[] {
    const done: Element[] = []
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0
      if (this.state === 'element') {
        if (this.endsElement(byte)) {
          done.push({ bytes: this.take(chunk.subarray(from, i)), at: this.start })
          this.state = byte === 0x5d ? 'end' : 'next'
        }
      } else if (!isSpace(byte)) {
        if (this.begin(byte)) from = i
      }
      this.advance(byte)
    }
    if (this.state === 'element') {
      this.pieces.push(chunk.subarray(from))
      this.pieceBytes += chunk.length - from
      if (this.pieceBytes > MAX_ITEM_BYTES)
        throw seedInvalid(this.file, this.start, `an element is larger than ${MAX_ITEM_BYTES >> 20} MiB`)
    }
    return done
  }

  /** The file ends here. */
  end(): void {
    if (this.state === 'end') return
    const here = { line: this.line, column: this.column }
    if (this.state === 'start') throw seedInvalid(this.file, here, 'the file is empty: a JSON array is wanted')
    throw seedInvalid(
      this.file,
      this.state === 'element' && this.depth > 0 ? this.start : here,
      this.state === 'element' && this.depth > 0 ? 'this element is not closed' : 'the array is not closed',
    )
  }

  private begin(byte: number): boolean {
    const here = { line: this.line, column: this.column }
    const shown = JSON.stringify(String.fromCharCode(byte))
    if (this.state === 'start') {
      if (byte !== 0x5b)
        throw seedInvalid(
          this.file,
          here,
          `unexpected ${shown}: a JSON array is wanted`,
          'for a file that is one value: seed: { file, as: value }',
        )
      this.state = 'first'
      return false
    }
    if (this.state === 'end') throw seedInvalid(this.file, here, `unexpected ${shown} after the array`)
    if (byte === 0x5d && this.state === 'first') {
      this.state = 'end'
      return false
    }
    if (byte === 0x5d || byte === 0x7d || byte === 0x2c) throw seedInvalid(this.file, here, `unexpected ${shown} where a value should be`)
    this.state = 'element'
    this.start = here
    this.depth = byte === 0x7b || byte === 0x5b ? 1 : 0
    this.inString = byte === 0x22
    this.escaped = false
    return true
  }

  /** True when this byte is the comma or bracket after the element. */
  private endsElement(byte: number): boolean {
    if (this.inString) {
      if (this.escaped) this.escaped = false
      else if (byte === 0x5c) this.escaped = true
      else if (byte === 0x22) this.inString = false
      return false
    }
    if (byte === 0x22) this.inString = true
    else if (byte === 0x7b || byte === 0x5b) this.depth++
    else if (this.depth > 0) {
      if (byte === 0x7d || byte === 0x5d) this.depth--
    } else return byte === 0x2c || byte === 0x5d
    return false
  }

  private take(last: Buffer): Buffer {
    const bytes = this.pieces.length > 0 ? Buffer.concat([...this.pieces, last]) : last
    this.pieces = []
    this.pieceBytes = 0
    return bytes
  }

  private advance(byte: number): void {
    if (byte === 0x0a) {
      this.line++
      this.column = 1
    } else if ((byte & 0xc0) !== 0x80) this.column++
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
