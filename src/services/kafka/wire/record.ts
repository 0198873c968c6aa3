// A record as Kafka knows it. Types only.

export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** What is written. */
export interface NewRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
  /** Epoch ms. */
  readonly timestamp: number
}

/** What is read. */
export interface StoredRecord extends NewRecord {
  readonly offset: number
}
