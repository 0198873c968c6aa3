// DevclusterError, the list of error codes, and their exit codes. It does not print: cli/print-error.ts does.

/** Every code an error of this package can carry; each has a heading in docs/errors.md (a test checks both ways). */
export const ERROR_CODES = [
  'USAGE',
  'CONFIG_NOT_FOUND',
  'CONFIG_INVALID',
  'RUNTIME_UNAVAILABLE',
  'RUNTIME_UNSUPPORTED',
  'REMOTE_BIND',
  'VERSION_UNAVAILABLE',
  'JAVA_NOT_FOUND',
  'PORT_TAKEN',
  'FETCH_FAILED',
  'CHECKSUM_MISMATCH',
  'START_FAILED',
  'NOT_READY',
  'NODE_EXITED',
  'MEMORY_LIMIT',
  'NODE_NOT_FOUND',
  'SEED_INVALID',
  'SEED_CONFLICT',
  'SEED_FAILED',
  'RECREATE_NEEDED',
  'CLUSTER_LOCKED',
  'CLUSTER_NOT_FOUND',
  'STATE_UNWRITABLE',
  'DISK_FULL',
  'ABORTED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Exit code of the command line for each error code (product: 2 usage or content, 3 no runtime, 4 did not come up, 5 not found). */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  USAGE: 2,
  CONFIG_NOT_FOUND: 2,
  CONFIG_INVALID: 2,
  RUNTIME_UNAVAILABLE: 3,
  RUNTIME_UNSUPPORTED: 2,
  REMOTE_BIND: 2,
  VERSION_UNAVAILABLE: 2,
  JAVA_NOT_FOUND: 3,
  PORT_TAKEN: 4,
  FETCH_FAILED: 4,
  CHECKSUM_MISMATCH: 4,
  START_FAILED: 4,
  NOT_READY: 4,
  NODE_EXITED: 4,
  MEMORY_LIMIT: 4,
  NODE_NOT_FOUND: 5,
  SEED_INVALID: 2,
  SEED_CONFLICT: 4,
  SEED_FAILED: 4,
  RECREATE_NEEDED: 4,
  CLUSTER_LOCKED: 4,
  CLUSTER_NOT_FOUND: 5,
  STATE_UNWRITABLE: 4,
  DISK_FULL: 4,
  ABORTED: 130,
  INTERNAL: 1,
}

const BRAND = Symbol.for('devcluster.error')

/** What an error may carry beside its message. */
export interface ErrorDetails {
  /** What the reader can do about it, one sentence or command. */
  readonly hint?: string | undefined
  /** The node it happened to, as `kafka-2`. */
  readonly node?: string | undefined
  /** Machine-readable facts: diagnostics, probe history, exit state, log lines, report folder. JSON only. */
  readonly data?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/** The one error class of this package. Recognise it with {@link isDevclusterError}, never by its text. */
export class DevclusterError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly node: string | undefined
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DevclusterError'
    this.code = code
    this.hint = details.hint
    this.node = details.node
    this.data = details.data ?? {}
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** True for errors of this package, also across realms and copies of the package. */
export function isDevclusterError(value: unknown): value is DevclusterError {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
