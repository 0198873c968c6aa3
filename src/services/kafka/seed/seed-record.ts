// What every reader of seeds yields. Types only.
import type { RecordHeader } from '../wire/record.ts'

/** A record to be sent; arrays of them travel together, so that one turn of the event loop serves many. */
export interface SeedRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
  /** Undefined: by the key's hash, or spread. */
  readonly partition: number | undefined
  /** Epoch ms; undefined: the time of sending. */
  readonly timestamp: number | undefined
}

export type SeedRecords = AsyncIterable<readonly SeedRecord[]>

/** What a reader needs beside the file. */
export interface ReadOptions {
  /** Partitions of the topic: an explicit partition must be below. */
  readonly partitions: number
  readonly signal: AbortSignal
}

export const NO_HEADERS: readonly RecordHeader[] = []
