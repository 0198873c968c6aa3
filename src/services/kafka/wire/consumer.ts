// Reads a topic's partitions from their leaders, without a group. Yields records as they come; order is kept within a partition only.
import { delay } from '../../../util/async.ts'
import { metadata } from './api/metadata.ts'
import { fetchRecords, listOffsets } from './api/records.ts'
import { readBatches } from './batch-reader.ts'
import type { KafkaClient } from './client.ts'
import { errorName, isRetriable, mayPass, WireError } from './errors.ts'
import type { StoredRecord } from './record.ts'

export interface ConsumerOptions {
  readonly topic: string
  readonly partitions: readonly number[]
  /** OFFSET_AT.beginning, OFFSET_AT.end or epoch ms. */
  readonly from: number
  /** Go on after the end that was there at the start. */
  readonly follow: boolean
  readonly signal: AbortSignal
}

export interface Consumed extends StoredRecord {
  readonly partition: number
}

interface Cursor {
  readonly partition: number
  offset: number
  /** Where to end; Infinity when following. */
  end: number
  leader: number
}

const MAX_WAIT_MS = 250
const MAX_BYTES = 4 * 1024 * 1024
const RETRY_MS = 100
const GIVE_UP_MS = 30_000

/** Records of all given partitions, a round of fetches at a time. @throws WireError */
export async function* consume(client: KafkaClient, options: ConsumerOptions): AsyncGenerator<readonly Consumed[]> {
  const cursors = await begin(client, options)
  let goodAt = performance.now()
  for (;;) {
    options.signal.throwIfAborted()
    const open = cursors.filter((cursor) => cursor.offset < cursor.end)
    if (open.length === 0) return
    const leaders = [...new Set(open.map((cursor) => cursor.leader))]
    const rounds = await Promise.all(
      leaders.map((leader) =>
        fetchFrom(
          client,
          leader,
          open.filter((cursor) => cursor.leader === leader),
          options,
        ),
      ),
    )
    const records = rounds.flatMap((round) => round.records)
    if (records.length > 0) yield records
    const trouble = rounds.find((round) => round.trouble !== undefined)?.trouble
    if (trouble === undefined) {
      goodAt = performance.now()
      continue
    }
    if (performance.now() - goodAt > GIVE_UP_MS) throw trouble
    await delay(RETRY_MS, options.signal)
    await learnLeaders(client, cursors, options.topic)
  }
}

async function begin(client: KafkaClient, { topic, partitions, from, follow, signal }: ConsumerOptions): Promise<readonly Cursor[]> {
  const cursors: Cursor[] = partitions.map((partition) => ({ partition, offset: -1, end: Number.POSITIVE_INFINITY, leader: -1 }))
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    try {
      await learnLeaders(client, cursors, topic)
      const ends = await offsets(client, topic, cursors, -1)
      const starts = from === -1 ? ends : await offsets(client, topic, cursors, from)
      for (const cursor of cursors) {
        const end = ends.get(cursor.partition) ?? 0
        // No record at or after a time: begin at the end.
        const start = starts.get(cursor.partition) ?? end
        cursor.offset = start < 0 ? end : start
        if (!follow) cursor.end = end
      }
      return cursors
    } catch (error) {
      if (!mayPass(error) || performance.now() > deadline) throw error
      await delay(RETRY_MS, signal)
    }
  }
}

async function offsets(client: KafkaClient, topic: string, cursors: readonly Cursor[], at: number): Promise<ReadonlyMap<number, number>> {
  const leaders = [...new Set(cursors.map((cursor) => cursor.leader))]
  const answers = await Promise.all(
    leaders.map((leader) =>
      client.send(leader, listOffsets, {
        at,
        topics: new Map([[topic, cursors.filter((cursor) => cursor.leader === leader).map((cursor) => cursor.partition)]]),
      }),
    ),
  )
  return new Map(
    answers.flat().map(({ partition, errorCode, offset }) => {
      if (errorCode !== 0) throw new WireError('kafka', `${topic}-${partition}: ${errorName(errorCode)}`, errorCode)
      return [partition, offset]
    }),
  )
}

async function learnLeaders(client: KafkaClient, cursors: readonly Cursor[], topic: string): Promise<void> {
  const { topics } = await client.any(metadata, { topics: [topic] })
  for (const { index, leader } of topics[0]?.partitions ?? []) {
    const cursor = cursors.find((one) => one.partition === index)
    if (cursor) cursor.leader = leader
  }
}

interface Round {
  readonly records: readonly Consumed[]
  readonly trouble: WireError | undefined
}

async function fetchFrom(client: KafkaClient, leader: number, cursors: readonly Cursor[], { topic }: ConsumerOptions): Promise<Round> {
  const records: Consumed[] = []
  let trouble: WireError | undefined
  try {
    const request = {
      maxWaitMs: MAX_WAIT_MS,
      maxBytes: MAX_BYTES,
      topic,
      partitions: cursors.map(({ partition, offset }) => ({ partition, offset })),
    }
    for (const answer of await client.send(leader, fetchRecords, request)) {
      const cursor = cursors.find((one) => one.partition === answer.partition)
      if (!cursor) continue
      if (answer.errorCode !== 0) {
        const error = new WireError('kafka', `${topic}-${answer.partition}: ${errorName(answer.errorCode)}`, answer.errorCode)
        if (!isRetriable(answer.errorCode)) throw error
        trouble = error
        continue
      }
      const read = readBatches(answer.records, cursor.offset)
      for (const record of read.records) if (record.offset < cursor.end) records.push({ ...record, partition: cursor.partition })
      if (read.nextOffset !== undefined) cursor.offset = Math.max(cursor.offset, read.nextOffset)
    }
  } catch (error) {
    if (!mayPass(error)) throw error
    trouble = error
  }
  return { records, trouble }
}
