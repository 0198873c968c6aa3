// What the supervisor and its clients say to each other: one JSON object per line, over its socket or its first client's pipes.
// The socket is in a folder of its own with a short path: sun_path holds 108 bytes on Linux and 104 on macOS (unix(7)).
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { OwnerRef } from '../../model/runtime.ts'
import type { NodeRecord } from './record.ts'

/** Given to the supervisor on its command line, as JSON. */
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

const LONGEST = 100

/** Socket path of a cluster's supervisor; makes its folder (0700, ours). @throws Error when the folder belongs to somebody else. */
export function socketPath(stateDir: string): string {
  const name = `${createHash('sha256').update(stateDir).digest('hex').slice(0, 16)}.sock`
  const { uid } = userInfo()
  const folders = [tmpdir(), '/tmp'].map((base) => join(base, `devcluster-${uid}`))
  const folder = folders.find((candidate) => Buffer.byteLength(join(candidate, name)) <= LONGEST) ?? join('/tmp', `devcluster-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || (uid >= 0 && stat.uid !== uid) || (stat.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a private folder of this user`)
  }
  return join(folder, name)
}

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
