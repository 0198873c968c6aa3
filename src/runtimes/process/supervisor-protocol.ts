// What the supervisor and its clients say to each other: one JSON object per line, over its socket or its first client's pipes.
import type { OwnerRef } from '../../model/runtime.ts'
import type { NodeRecord } from './record.ts'

/** The first line of a supervisor's standard input. */
export interface SupervisorOrder {
  readonly cluster: string
  readonly stateDir: string
  readonly socket: string
  readonly owner?: OwnerRef
}

/** Everything that starting a node takes; files are in place already. */
export interface StartOrder {
  readonly record: NodeRecord
  readonly program: string
  readonly args: readonly string[]
  /** A start-up archive in use, and the arguments that name it (they go before `args`). */
  readonly archive?: { readonly path: string; readonly args: readonly string[] }
  readonly env: Readonly<Record<string, string>>
}

export interface JobOrder {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export type Request =
  | { readonly do: 'start'; readonly start: StartOrder }
  | { readonly do: 'job'; readonly job: JobOrder }
  | { readonly do: 'subscribe' }
  | { readonly do: 'ping' }
  /** Kill everything, reap it, end. The answer is the end of the connection. */
  | { readonly do: 'end' }

export type Reply =
  | { readonly ok: true; readonly pid?: number; readonly startedAt?: string }
  | { readonly ok: false; readonly errno?: string; readonly message: string }

/** Calls back for each whole line of a stream. */
export function onLines(stream: NodeJS.ReadableStream, each: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string | Buffer) => {
    rest += String(chunk)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') each(line)
  })
}
