// What a command is: plain data with a lazy body. Types only, and the reader of parsed flags.
import type { Io } from './io.ts'

export interface OptionSpec {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly multiple?: true
  /** What stands for the value in the help text. */
  readonly value?: string
  /** The only values it takes. */
  readonly choices?: readonly string[]
  readonly help: string
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

export interface CommandSpec {
  readonly name: string
  readonly aliases?: readonly string[]
  /** `look`: prints one result and changes nothing. `action`: changes something and reports events. */
  readonly kind: 'look' | 'action'
  readonly group: string
  readonly summary: string
  /** Arguments as in the usage line: `NODE [NAME]`. */
  readonly args?: string
  /** Fewest and most arguments. Default: none. */
  readonly takes?: readonly [number, number]
  /** Everything behind the first argument belongs to someone else: `exec NODE anything --at all`. */
  readonly passThrough?: true
  readonly options?: OptionSpecs
  readonly example: readonly string[]
  readonly more?: string
  readonly hidden?: true
  readonly load: () => Promise<{ readonly run: Run }>
}

/** One call of a command. */
export interface Call {
  readonly command: CommandSpec
  readonly flags: Flags
  readonly args: readonly string[]
  /** What stood behind `--` (or, with passThrough, behind the first argument). */
  readonly rest: readonly string[]
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal
  readonly io: Io
  /** The short way was tried and declined: what it would prove again is known to be not so. */
  readonly hotTried: boolean
}

/** @returns the exit code */
export type Run = (call: Call) => Promise<number>

/** Parsed options by their long names. */
export class Flags {
  readonly #values: ReadonlyMap<string, readonly (string | true)[]>

  constructor(values: ReadonlyMap<string, readonly (string | true)[]>) {
    this.#values = values
  }

  on(name: string): boolean {
    return this.#values.has(name)
  }

  /** The last value given. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)?.at(-1)
    return typeof value === 'string' ? value : undefined
  }

  list(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).filter((value) => typeof value === 'string')
  }

  /** True when none but these was given. */
  only(names: readonly string[]): boolean {
    return [...this.#values.keys()].every((name) => names.includes(name))
  }

  /** For commands that a service brings along. */
  record(): Record<string, string | boolean | undefined> {
    return Object.fromEntries([...this.#values].map(([name, values]) => [name, values.at(-1)]))
  }
}
