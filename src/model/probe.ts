// The answer of one readiness probe. The loop, its steps and its history live in engine/.

/** `fatal` ends the wait at once: waiting longer cannot help. */
export type Verdict =
  | { readonly ready: true; readonly detail?: string }
  | { readonly ready: false; readonly why: string; readonly fatal?: boolean }

/** Asks once. Must settle soon after `signal` aborts (the engine gives each try its own, about 250 ms to some seconds). */
export type Probe = (signal: AbortSignal) => Promise<Verdict>
