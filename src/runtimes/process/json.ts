// Reads fields out of parsed JSON of unknown shape, and writes small files whole. Synchronous: the supervisor must record before it goes on.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

export type Json = Readonly<Record<string, unknown>>

/** An object out of a file, or undefined when it is absent, torn or something else. */
export function readObject(path: string): Json | undefined {
  try {
    return asObject(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : undefined
}

export function textOf(object: Json | undefined, key: string): string | undefined {
  const value = object?.[key]
  return typeof value === 'string' ? value : undefined
}

export function numberOf(object: Json | undefined, key: string): number | undefined {
  const value = object?.[key]
  return typeof value === 'number' ? value : undefined
}

/** String -> number pairs of an object; others are left out. */
export function numbersOf(value: unknown): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [key, entry] of Object.entries(asObject(value) ?? {})) if (typeof entry === 'number') numbers[key] = entry
  return numbers
}

/** String -> string pairs of an object; others are left out. */
export function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [key, entry] of Object.entries(asObject(value) ?? {})) if (typeof entry === 'string') texts[key] = entry
  return texts
}

export function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
}

/** Replaces a file by rename, 0600. Not synced: after a power cut the processes it speaks of are gone, too. */
export function writeObject(path: string, value: object): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 })
  renameSync(temporary, path)
}
