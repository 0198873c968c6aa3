// From a JSON value to a record's bytes: strings are their UTF-8, null or absence a tombstone, {"$base64"} bytes, anything else its compact JSON.
import { compact, findJsonError } from './json-text.ts'

/** Thrown by the functions here; readers add file and position. */
export class ContentError extends Error {
  /** Byte or character offset within the text at hand, where known. */
  readonly offset: number | undefined

  constructor(message: string, offset?: number) {
    super(message)
    this.offset = offset
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON.parse with the character offset of the mistake. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const { offset, message } = findJsonError(text)
    throw new ContentError(message, offset)
  }
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

function base64(text: string): Buffer {
  const digits = text.replace(/=+$/, '')
  if (!BASE64.test(text) || digits.length % 4 === 1) throw new ContentError('"$base64" holds no base64')
  return Buffer.from(text, 'base64')
}

/** Bytes of a value; `raw` is its own text where there is one (numbers keep their spelling). */
export function toBytes(value: unknown, raw?: Buffer): Buffer | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return Buffer.from(value)
  if (isObject(value) && '$base64' in value && Object.keys(value).length === 1) {
    const encoded = value['$base64']
    if (typeof encoded !== 'string') throw new ContentError('"$base64" must be a string')
    return base64(encoded)
  }
  return raw ? compact(raw) : Buffer.from(JSON.stringify(value))
}

/** Bytes of the field that `key:` names. Its absence is a mistake; null is no key. */
export function keyField(value: unknown, field: string): Buffer | null {
  if (!isObject(value)) throw new ContentError(`the key is to be field "${field}", but this is no object`)
  if (!(field in value)) throw new ContentError(`there is no field "${field}" for the key`)
  return toBytes(value[field])
}

// RFC 3339 section 5.6: date-time with an offset.
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** Epoch ms of a timestamp: a whole number of ms or RFC 3339. */
export function toTimestamp(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  if (typeof value === 'string' && RFC3339.test(value)) {
    const ms = Date.parse(value.replace(' ', 'T').toUpperCase())
    if (Number.isFinite(ms) && ms >= 0) return ms
  }
  throw new ContentError(
    `timestamp ${JSON.stringify(value)} is neither a number of milliseconds nor RFC 3339 such as "2026-01-31T12:00:00Z"`,
  )
}
