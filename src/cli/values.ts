// Reads values of options: durations, points in time, counts. Pure.
import { DevclusterError } from '../errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, '': 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** Ms of `90` (seconds), `90s`, `1m30s`, `500ms`, `2h`; undefined when it is no such thing. */
export function parseDuration(text: string): number | undefined {
  let ms = 0
  let rest = text.trim()
  if (rest === '') return undefined
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|min|[smhd]|)/.exec(rest)
    const unit = UNIT_MS[match?.[2] ?? 'none']
    if (!match || unit === undefined) return undefined
    rest = rest.slice(match[0].length)
    // A bare number is only a whole value: `1m30` is a typing error more likely than 90 seconds.
    if (match[2] === '' && (rest !== '' || match[0].length !== text.trim().length)) return undefined
    ms += Number(match[1]) * unit
  }
  return ms
}

/** @throws USAGE naming the option */
export function durationOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms === undefined)
    throw new DevclusterError('USAGE', `--${option} cannot be ${text}`, { hint: 'seconds, or a duration such as 90s, 5m, 500ms' })
  return ms
}

/** Epoch ms of a duration ago or of an RFC 3339 time. @throws USAGE */
export function momentOf(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms !== undefined) return now - ms
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new DevclusterError('USAGE', `--${option} cannot be ${text}`, {
      hint: 'a duration ago such as 10m, or a time such as 2026-05-01T12:00:00Z',
    })
  return at
}

/** @throws USAGE */
export function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new DevclusterError('USAGE', `--${option} cannot be ${text}`, { hint: 'a whole number' })
  return Number(text)
}
