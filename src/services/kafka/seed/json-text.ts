// JSON as text: takes out insignificant white space without touching numbers or strings, walks the members of an object, and says where a text stops being JSON.
// Values are judged by JSON.parse; this file keeps what JSON.parse would lose (big numbers, order, spelling).

const QUOTE = 0x22
const BACKSLASH = 0x5c

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** The same JSON without white space between tokens; the very same bytes when there is none. `json` must be valid. */
export function compact(json: Buffer): Buffer {
  let out: Buffer | undefined
  let to = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === undefined) break
    if (inString) {
      if (byte === BACKSLASH) {
        if (out) out[to++] = byte
        i++
        const escaped = json[i]
        if (out && escaped !== undefined) out[to++] = escaped
        continue
      }
      if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (isSpace(byte)) {
      if (!out) {
        out = Buffer.allocUnsafe(json.length)
        json.copy(out, 0, 0, i)
        to = i
      }
      continue
    }
    if (out) out[to++] = byte
  }
  return out ? out.subarray(0, to) : json
}

/** One member of an object: byte offsets of its key and its value. */
export interface Member {
  readonly key: string
  readonly keyAt: number
  readonly from: number
  readonly to: number
}

/** Members of the object that `json` is; it must be valid JSON and an object. */
export function members(json: Buffer): readonly Member[] {
  const found: Member[] = []
  let at = json.indexOf(0x7b) + 1
  for (;;) {
    while (isSpace(json[at]) || json[at] === 0x2c) at++
    if (json[at] !== QUOTE) return found
    const keyAt = at
    at = afterString(json, at)
    const key: unknown = JSON.parse(json.toString('utf8', keyAt, at))
    while (json[at] !== 0x3a) at++
    at++
    while (isSpace(json[at])) at++
    const from = at
    at = afterValue(json, at)
    found.push({ key: String(key), keyAt, from, to: at })
  }
}

function afterString(json: Buffer, quoteAt: number): number {
  let at = quoteAt + 1
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at + 1
}

function afterValue(json: Buffer, start: number): number {
  let depth = 0
  let at = start
  while (at < json.length) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = afterString(json, at)
      if (depth === 0) return at
      continue
    }
    if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return at
      depth--
      if (depth === 0) return at + 1
    } else if (depth === 0 && (byte === 0x2c || isSpace(byte))) return at
    at++
  }
  return at
}

/** Where a text stops being JSON. Walked only after JSON.parse refused it: Node's message has no position for every mistake. RFC 8259. */
export function findJsonError(text: string): { offset: number; message: string } {
  const stack: ('{' | '[')[] = []
  // What may come next: a value, a value or the end of an array, a key or the end of an object, a key, a colon, a comma or an end.
  let want: keyof typeof WANTED = 'value'
  let at = 0
  const afterOne = () => (stack.length === 0 ? 'nothing' : 'comma')
  for (;;) {
    while (at < text.length && ' \n\r\t'.includes(text.charAt(at))) at++
    if (at >= text.length) return { offset: at, message: want === 'nothing' ? 'not JSON' : `ends where ${WANTED[want]} should be` }
    const c = text.charAt(at)
    const end = c === '}' || c === ']'
    if (end && (want === 'comma' || (want === 'value-or-end' && c === ']') || (want === 'key-or-end' && c === '}'))) {
      if (stack.pop() !== (c === '}' ? '{' : '[')) return { offset: at, message: `unexpected ${c}` }
      want = afterOne()
      at++
      continue
    }
    if (want === 'nothing') return { offset: at, message: `unexpected ${JSON.stringify(c)} after the value` }
    if (want === 'comma' || want === 'colon') {
      if (c !== (want === 'comma' ? ',' : ':'))
        return { offset: at, message: `unexpected ${JSON.stringify(c)} where ${WANTED[want]} should be` }
      want = want === 'colon' || stack.at(-1) === '[' ? 'value' : 'key'
      at++
      continue
    }
    const keyWanted = want === 'key' || want === 'key-or-end'
    if (c === '"') {
      const closed = stringEnd(text, at)
      if (typeof closed !== 'number') return closed
      at = closed
      if (keyWanted) want = 'colon'
      else want = afterOne()
      continue
    }
    if (keyWanted || end) return { offset: at, message: `unexpected ${JSON.stringify(c)} where ${WANTED[want]} should be` }
    if (c === '{' || c === '[') {
      stack.push(c)
      want = c === '{' ? 'key-or-end' : 'value-or-end'
      at++
      continue
    }
    const token = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(text.slice(at, at + 400))
    if (!token)
      return {
        offset: at,
        message: `unexpected ${JSON.stringify(/^[\w.+-]{1,20}/.exec(text.slice(at))?.[0] ?? c)} where ${WANTED[want]} should be`,
      }
    at += token[0].length
    want = afterOne()
  }
}

const WANTED = {
  value: 'a value',
  'value-or-end': 'a value or ]',
  'key-or-end': 'a key in quotes or }',
  key: 'a key in quotes',
  colon: 'a colon',
  comma: 'a comma or the end',
  nothing: 'nothing more',
} as const

function stringEnd(text: string, quoteAt: number): number | { offset: number; message: string } {
  for (let at = quoteAt + 1; at < text.length; at++) {
    const c = text.charAt(at)
    if (c === '"') return at + 1
    if (c < ' ') return { offset: at, message: 'a control character inside a string must be escaped' }
    if (c === '\\') {
      if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 6))) return { offset: at, message: 'an unknown escape sequence' }
      if (text.charAt(at + 1) === 'u') at += 4
      at++
    }
  }
  return { offset: quoteAt, message: 'a string is not closed' }
}
