// `.csv` (RFC 4180): the first row names the columns; a column called `key` is the key and is taken out, or `key:` names one that stays in.
// Every row becomes a JSON object of strings. An empty key cell is no key. Quoted cells may span lines.
import { isUtf8 } from 'node:buffer'
import { columnAt, type Position, seedInvalid } from '../invalid.ts'
import { NO_HEADERS, type ReadOptions, type SeedRecord, type SeedRecords } from '../seed-record.ts'
import { linesOf, MAX_ITEM_BYTES } from './lines-of.ts'
import { invalidUtf8At } from './utf8.ts'

const DEFAULT_KEY = 'key'

interface Header {
  readonly names: readonly string[]
  /** Index of the key's column, -1: none. */
  readonly key: number
  /** `"name":` of each column that goes into the value, undefined for the one taken out. */
  readonly labels: readonly (string | undefined)[]
}

/** A row under way: a quoted cell may be open at the end of a line. */
interface Row {
  readonly cells: string[]
  open: { text: string; readonly at: Position } | undefined
}

export async function* readCsv(file: string, key: string | undefined, options: ReadOptions): SeedRecords {
  let header: Header | undefined
  let row: Row = { cells: [], open: undefined }
  for await (const lines of linesOf(file, options.signal)) {
    const records: SeedRecord[] = []
    for (const { bytes, number, end } of lines) {
      if (!isUtf8(bytes)) throw seedInvalid(file, { line: number, column: columnAt(bytes, invalidUtf8At(bytes)) }, 'not valid UTF-8')
      if (bytes.length === 0 && !row.open) continue
      readCells(file, bytes.toString('utf8'), number, row)
      if (row.open) {
        row.open.text += end
        continue
      }
      if (!header) header = headerOf(file, row.cells, number, key)
      else records.push(recordOf(file, header, row.cells, number))
      row = { cells: [], open: undefined }
    }
    if (records.length > 0) yield records
  }
  if (row.open) throw seedInvalid(file, row.open.at, 'a quoted cell is not closed')
  if (!header) throw seedInvalid(file, { line: 1, column: 1 }, 'the file is empty: the first row must name the columns')
}

/** Adds the cells of one line to the row. */
function readCells(file: string, line: string, number: number, row: Row): void {
  let at = 0
  if (row.open) {
    if (row.open.text.length > MAX_ITEM_BYTES) throw seedInvalid(file, row.open.at, 'a quoted cell is not closed')
    at = quoted(file, line, 0, number, row)
    if (row.open) return
    if (at >= line.length) return
    at++
  }
  for (;;) {
    if (line[at] === '"') {
      row.open = { text: '', at: { line: number, column: at + 1 } }
      at = quoted(file, line, at + 1, number, row)
      if (row.open) return
    } else {
      const comma = line.indexOf(',', at)
      const end = comma < 0 ? line.length : comma
      const cell = line.slice(at, end)
      const quote = cell.indexOf('"')
      if (quote >= 0)
        throw seedInvalid(
          file,
          { line: number, column: at + quote + 1 },
          'a quote inside a cell that is not quoted',
          'quote the whole cell and double the quotes inside',
        )
      row.cells.push(cell)
      at = end
    }
    if (at >= line.length) return
    at++
  }
}

/** Reads on inside a quoted cell from `from`; returns the index of the comma after it, or the line's end. */
function quoted(file: string, line: string, from: number, number: number, row: Row): number {
  const { open } = row
  if (!open) return from
  let at = from
  for (;;) {
    const quote = line.indexOf('"', at)
    if (quote < 0) {
      open.text += line.slice(at)
      return line.length
    }
    open.text += line.slice(at, quote)
    if (line[quote + 1] === '"') {
      open.text += '"'
      at = quote + 2
      continue
    }
    const next = line[quote + 1]
    if (next !== undefined && next !== ',') {
      throw seedInvalid(
        file,
        { line: number, column: quote + 2 },
        `unexpected ${JSON.stringify(next)} after a closing quote`,
        'double the quotes inside a quoted cell',
      )
    }
    row.cells.push(open.text)
    row.open = undefined
    return quote + 1
  }
}

function headerOf(file: string, names: readonly string[], line: number, key: string | undefined): Header {
  names.forEach((name, index) => {
    if (name === '') throw seedInvalid(file, { line, column: 1 }, `column ${index + 1} has no name`)
    if (names.indexOf(name) !== index) throw seedInvalid(file, { line, column: 1 }, `two columns are called "${name}"`)
  })
  const index = names.indexOf(key ?? DEFAULT_KEY)
  if (index < 0 && key !== undefined)
    throw seedInvalid(file, { line, column: 1 }, `there is no column "${key}" for the key; there are ${names.join(', ')}`)
  return { names, key: index, labels: names.map((name, i) => (key === undefined && i === index ? undefined : `${JSON.stringify(name)}:`)) }
}

function recordOf(file: string, { names, key, labels }: Header, cells: readonly string[], line: number): SeedRecord {
  if (cells.length !== names.length) {
    throw seedInvalid(
      file,
      { line, column: 1 },
      `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, but the first row names ${names.length} columns`,
    )
  }
  let json = ''
  for (let i = 0; i < cells.length; i++) {
    const label = labels[i]
    if (label !== undefined) json += `${json === '' ? '{' : ','}${label}${JSON.stringify(cells[i])}`
  }
  const keyText = key < 0 ? '' : (cells[key] ?? '')
  return {
    key: keyText === '' ? null : Buffer.from(keyText),
    value: Buffer.from(json === '' ? '{}' : `${json}}`),
    headers: NO_HEADERS,
    partition: undefined,
    timestamp: undefined,
  }
}
