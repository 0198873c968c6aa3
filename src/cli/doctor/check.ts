// The form of a check of this machine. Types only.

export interface CheckResult {
  readonly name: string
  /** `fail`: something that is wanted here will not work. `warn`: worth knowing. */
  readonly state: 'ok' | 'warn' | 'fail'
  readonly text: string
  readonly hint?: string
}

export interface CheckContext {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** The runtime asked for; undefined: either will do. */
  readonly runtime: 'docker' | 'process' | undefined
}
