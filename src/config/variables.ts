// Looks variables up: the environment, then `.env` files. Remembers what was asked, so that a later run can tell whether anything changed.
import { parseEnv } from 'node:util'
import { hashVariable } from './inputs.ts'

/** Name -> SHA-256 of its value in the environment, null when it is not set there. Hashes only: values may be secrets. */
export type VariableHashes = Readonly<Record<string, string | null>>

export interface Variables {
  /** Value of a variable; `dotEnv` files are asked in order after the environment. */
  get(name: string, dotEnv: readonly Readonly<Record<string, string | undefined>>[]): string | undefined
  /** Every variable asked so far. */
  hashes(): VariableHashes
}

export function createVariables(env: NodeJS.ProcessEnv): Variables {
  const asked = new Map<string, string | null>()
  return {
    get(name, dotEnv) {
      asked.set(name, hashVariable(env[name]))
      return env[name] ?? dotEnv.find((file) => Object.hasOwn(file, name))?.[name]
    },
    hashes: () => Object.fromEntries([...asked].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Content of a `.env` file; Node's own rules (quotes, comments, `export`). */
export function parseDotEnv(text: string): Readonly<Record<string, string | undefined>> {
  return parseEnv(text)
}
