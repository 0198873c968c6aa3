// What one request and its response look like: a plain description, used by Connection.send. All picked versions are flexible (KIP-482)
// and served by every broker from 3.9 to 4.4 (after KIP-896 removed the oldest ones), so that no ApiVersions round trip is needed first.
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

export interface Api<Q, R> {
  readonly name: string
  readonly key: number
  readonly version: number
  /** ApiVersions answers with the old response header, so that any client can read it (KIP-511). */
  readonly oldResponseHeader?: boolean
  readonly write: (w: Writer, request: Q) => void
  readonly read: (r: Reader) => R
}
