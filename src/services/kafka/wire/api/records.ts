// ListOffsets, InitProducerId, Produce, Fetch: records in and out, as opaque batches. Sent to partition leaders.
import type { Api } from '../api.ts'
import { throwOn } from '../errors.ts'

/** Timestamps with a meaning in ListOffsets. */
export const OFFSET_AT = { end: -1, beginning: -2 } as const

export interface OffsetAnswer {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly offset: number
}

export const listOffsets: Api<{ readonly at: number; readonly topics: ReadonlyMap<string, readonly number[]> }, readonly OffsetAnswer[]> = {
  name: 'ListOffsets',
  key: 2,
  version: 7,
  write: (w, { at, topics }) => {
    w.int32(-1).int8(0)
    w.array([...topics], ([topic, partitions]) => {
      w.string(topic)
      w.array(partitions, (partition) => w.int32(partition).int32(-1).int64(at).tags())
      w.tags()
    })
  },
  read: (r) => {
    r.int32()
    return r
      .array(() => {
        const topic = r.string()
        const partitions = r.array(() => {
          const partition = r.int32()
          const errorCode = r.int16()
          r.int64()
          const answer = { topic, partition, errorCode, offset: r.int64() }
          r.int32()
          r.tags()
          return answer
        })
        r.tags()
        return partitions
      })
      .flat()
  },
}

export interface ProducerId {
  readonly id: number
  readonly epoch: number
}

/** A producer id makes the retry of a batch harmless: the broker knows its sequence numbers (KIP-98). */
export const initProducerId: Api<void, ProducerId> = {
  name: 'InitProducerId',
  key: 22,
  version: 4,
  write: (w) => w.nullableString(null).int32(60_000).int64(-1).int16(-1),
  read: (r) => {
    r.int32()
    throwOn('InitProducerId', r.int16())
    return { id: r.int64(), epoch: r.int16() }
  },
}

export interface ProduceRequest {
  /** -1: all in-sync replicas. */
  readonly acks: -1 | 1
  readonly timeoutMs: number
  readonly topics: ReadonlyMap<string, readonly { readonly partition: number; readonly batch: Uint8Array }[]>
}

export interface ProduceAnswer {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly message: string | null
  readonly baseOffset: number
}

export const produce: Api<ProduceRequest, readonly ProduceAnswer[]> = {
  name: 'Produce',
  key: 0,
  version: 9,
  write: (w, { acks, timeoutMs, topics }) => {
    w.nullableString(null).int16(acks).int32(timeoutMs)
    w.array([...topics], ([topic, partitions]) => {
      w.string(topic)
      w.array(partitions, ({ partition, batch }) => w.int32(partition).bytes(batch).tags())
      w.tags()
    })
  },
  read: (r) => {
    const answers = r
      .array(() => {
        const topic = r.string()
        const partitions = r.array(() => {
          const partition = r.int32()
          const errorCode = r.int16()
          const baseOffset = r.int64()
          r.int64()
          r.int64()
          const recordErrors = r.array(() => {
            r.int32()
            const text = r.nullableString()
            r.tags()
            return text
          })
          const message = r.nullableString() ?? recordErrors.find((text) => text !== null) ?? null
          r.tags()
          return { topic, partition, errorCode, message, baseOffset }
        })
        r.tags()
        return partitions
      })
      .flat()
    r.int32()
    return answers
  },
}

export interface FetchRequest {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: number }[]
}

export interface FetchAnswer {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  /** Record batches, the last may be cut short. */
  readonly records: Buffer
}

/** Without a fetch session (KIP-227): every request says all. Reads committed and uncommitted records alike. */
export const fetchRecords: Api<FetchRequest, readonly FetchAnswer[]> = {
  name: 'Fetch',
  key: 1,
  version: 12,
  write: (w, { maxWaitMs, maxBytes, topic, partitions }) => {
    w.int32(-1).int32(maxWaitMs).int32(1).int32(maxBytes).int8(0).int32(0).int32(-1)
    w.array([topic], (name) => {
      w.string(name)
      w.array(partitions, ({ partition, offset }) => w.int32(partition).int32(-1).int64(offset).int32(-1).int64(-1).int32(maxBytes).tags())
      w.tags()
    })
    w.array([], () => undefined).string('')
  },
  read: (r) => {
    r.int32()
    throwOn('Fetch', r.int16())
    r.int32()
    return r
      .array(() => {
        r.string()
        const partitions = r.array(() => {
          const partition = r.int32()
          const errorCode = r.int16()
          const highWatermark = r.int64()
          r.int64()
          const logStartOffset = r.int64()
          r.array(() => {
            r.int64()
            r.int64()
            r.tags()
          })
          r.int32()
          const records = r.nullableBytes() ?? Buffer.alloc(0)
          r.tags()
          return { partition, errorCode, highWatermark, logStartOffset, records }
        })
        r.tags()
        return partitions
      })
      .flat()
  },
}
