// Sends records to the partitions of one topic: batches per partition, requests per leader, several requests in flight.
// A batch is sent again, with the same producer id and sequence, until the broker has taken it or refused it: the broker recognises a repeated batch (KIP-98),
// so that an unknown outcome never makes a duplicate. Order within a partition is kept, as at most one batch of it is under way.
import { delay } from '../../../util/async.ts'
import { metadata } from './api/metadata.ts'
import { initProducerId, type ProduceAnswer, type ProducerId, produce } from './api/records.ts'
import { BatchWriter, type Compression } from './batch-writer.ts'
import type { KafkaClient } from './client.ts'
import { ERROR, errorName, isRetriable, mayPass, WireError } from './errors.ts'
import { partitionOf } from './murmur2.ts'
import type { RecordHeader } from './record.ts'

export interface Outgoing {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
  /** Undefined: by the key's hash as the Java client does (murmur2), or spread when there is no key. */
  readonly partition: number | undefined
  /** Epoch ms; undefined: now. */
  readonly timestamp: number | undefined
}

export interface ProducerOptions {
  readonly topic: string
  readonly partitions: number
  readonly compression: Compression
  /** The topic's max.message.bytes: a batch must not be larger. */
  readonly maxBatchBytes: number
  readonly signal: AbortSignal
  /** Records acknowledged by all in-sync replicas. */
  readonly onAcknowledged?: (records: number) => void
}

interface Sealed {
  readonly bytes: Buffer
  readonly records: number
}

interface Lane {
  readonly partition: number
  open: BatchWriter | undefined
  readonly sealed: Sealed[]
  busy: boolean
  sequence: number
  leader: number
}

const TARGET_BYTES = 512 * 1024
const MIN_TARGET_BYTES = 16 * 1024
/** Of all open batches of a producer together. */
const OPEN_BYTES = 16 * 1024 * 1024
/** Sealed and not yet acknowledged; `send` waits above it. */
const QUEUED_BYTES = 8 * 1024 * 1024
const REQUEST_BYTES = 4 * 1024 * 1024
/** An idle partition's batch goes out when it is this large. */
const EARLY_BYTES = 64 * 1024
const IN_FLIGHT_PER_LEADER = 4
const STICKY_RECORDS = 100
const STICKY_BYTES = 16 * 1024
const ACK_MS = 30_000
const RETRY_MS = 100
const GIVE_UP_MS = 60_000

/** @see makeProducer */
export class Producer {
  private readonly client: KafkaClient
  private readonly options: ProducerOptions
  private readonly id: ProducerId
  private readonly lanes: readonly Lane[]
  private readonly targetBytes: number
  private readonly inFlight = new Map<number, number>()
  private queuedBytes = 0
  private pendingBatches = 0
  private failure: { readonly error: unknown } | undefined
  private wake: (() => void)[] = []
  private refreshing: Promise<void> | undefined
  private lastSuccess = performance.now()
  private sticky = { partition: -1, records: 0, bytes: 0 }

  constructor(client: KafkaClient, options: ProducerOptions, id: ProducerId) {
    this.client = client
    this.options = options
    this.id = id
    this.lanes = Array.from({ length: options.partitions }, (_, partition) => ({
      partition,
      open: undefined,
      sealed: [],
      busy: false,
      sequence: 0,
      leader: -1,
    }))
    this.targetBytes = Math.min(TARGET_BYTES, Math.max(MIN_TARGET_BYTES, OPEN_BYTES / options.partitions), options.maxBatchBytes)
  }

  /**
   * Takes records; waits while too much is on its way.
   * @throws WireError when the broker refuses a batch, or takes none for a minute
   */
  async send(records: readonly Outgoing[]): Promise<void> {
    const now = Date.now()
    for (const record of records) {
      const lane = this.laneOf(record)
      const stamped = { key: record.key, value: record.value, headers: record.headers, timestamp: record.timestamp ?? now }
      if (lane.open && !lane.open.takes(stamped, this.targetBytes)) this.seal(lane)
      lane.open ??= new BatchWriter(Math.min(this.targetBytes, EARLY_BYTES))
      lane.open.append(stamped)
    }
    for (const lane of this.lanes) {
      if (lane.open && !lane.busy && lane.sealed.length === 0 && lane.open.length >= EARLY_BYTES) this.seal(lane)
    }
    await this.pump()
    while (this.queuedBytes > QUEUED_BYTES && !this.failure) await this.change()
    this.check()
  }

  /** Resolves when everything taken so far is acknowledged. @throws WireError as `send` */
  async flush(): Promise<void> {
    for (const lane of this.lanes) if (lane.open) this.seal(lane)
    await this.pump()
    while (this.pendingBatches > 0 && !this.failure) await this.change()
    this.check()
  }

  private laneOf(record: Outgoing): Lane {
    const { partitions } = this.options
    let partition = record.partition
    if (partition === undefined) partition = record.key === null ? this.spread(record) : partitionOf(record.key, partitions)
    const lane = this.lanes[partition]
    if (!lane) throw new WireError('kafka', `${this.options.topic} has no partition ${partition}`, ERROR.unknownTopicOrPartition)
    return lane
  }

  /** Records without a key stay on one partition for a while: fewer, larger batches (KIP-480). */
  private spread(record: Outgoing): number {
    const { sticky } = this
    if (sticky.partition < 0 || sticky.records >= STICKY_RECORDS || sticky.bytes >= STICKY_BYTES) {
      this.sticky = { partition: (sticky.partition + 1) % this.options.partitions, records: 0, bytes: 0 }
    }
    this.sticky.records++
    this.sticky.bytes += record.value?.length ?? 0
    return this.sticky.partition
  }

  private seal(lane: Lane): void {
    const { open } = lane
    if (!open) return
    lane.open = undefined
    const bytes = open.finish(this.options.compression, {
      producerId: this.id.id,
      producerEpoch: this.id.epoch,
      baseSequence: lane.sequence,
    })
    lane.sequence += open.count
    lane.sealed.push({ bytes, records: open.count })
    this.queuedBytes += bytes.length
    this.pendingBatches++
  }

  /** Starts as many requests as there is work and room for. */
  private async pump(): Promise<void> {
    if (this.lanes.some((lane) => lane.leader < 0 && lane.sealed.length > 0)) await this.refresh()
    const byLeader = new Map<number, Lane[]>()
    for (const lane of this.lanes) {
      if (lane.busy || lane.sealed.length === 0) continue
      const ready = byLeader.get(lane.leader)
      if (ready) ready.push(lane)
      else byLeader.set(lane.leader, [lane])
    }
    for (const [leader, ready] of byLeader) {
      while (ready.length > 0 && (this.inFlight.get(leader) ?? 0) < IN_FLIGHT_PER_LEADER && !this.failure) {
        const request: Lane[] = []
        for (let bytes = 0; ready.length > 0 && bytes < REQUEST_BYTES; ) {
          const lane = ready.shift()
          if (!lane) break
          lane.busy = true
          request.push(lane)
          bytes += lane.sealed[0]?.bytes.length ?? 0
        }
        this.inFlight.set(leader, (this.inFlight.get(leader) ?? 0) + 1)
        void this.deliver(leader, request)
      }
    }
  }

  private async deliver(leader: number, lanes: readonly Lane[]): Promise<void> {
    let again: unknown
    try {
      const batches = lanes.flatMap((lane) => (lane.sealed[0] ? [{ partition: lane.partition, batch: lane.sealed[0].bytes }] : []))
      const topics = new Map([[this.options.topic, batches]])
      const answers = await this.client.send(leader, produce, { acks: -1, timeoutMs: ACK_MS, topics }, ACK_MS + 5000)
      for (const lane of lanes)
        again =
          this.settle(
            lane,
            answers.find((answer) => answer.partition === lane.partition),
          ) ?? again
    } catch (error) {
      if (mayPass(error)) again = error
      else this.failure ??= { error }
    }
    this.inFlight.set(leader, (this.inFlight.get(leader) ?? 1) - 1)
    try {
      if (again !== undefined && !this.failure) await this.pause(again)
    } catch (error) {
      this.failure ??= { error }
    }
    for (const lane of lanes) lane.busy = false
    try {
      await this.pump()
    } catch (error) {
      this.failure ??= { error }
    }
    this.notify()
  }

  /** Undefined when the batch is in, else why it must be sent again. */
  private settle(lane: Lane, answer: ProduceAnswer | undefined): unknown {
    const [head] = lane.sealed
    if (!head) return undefined
    const code = answer?.errorCode ?? -1
    if (code === ERROR.none || code === ERROR.duplicateSequenceNumber) {
      lane.sealed.shift()
      this.queuedBytes -= head.bytes.length
      this.pendingBatches--
      this.lastSuccess = performance.now()
      this.options.onAcknowledged?.(head.records)
      return undefined
    }
    const error = new WireError(
      'kafka',
      `${this.options.topic}-${lane.partition}: ${errorName(code)}${answer?.message ? `: ${answer.message}` : ''} (a batch of ${head.records} records, ${head.bytes.length} bytes)`,
      code,
    )
    if (!isRetriable(code)) this.failure ??= { error }
    return error
  }

  private async pause(why: unknown): Promise<void> {
    if (performance.now() - this.lastSuccess > GIVE_UP_MS) throw why
    await delay(RETRY_MS, this.options.signal)
    await this.refresh()
  }

  private async refresh(): Promise<void> {
    this.refreshing ??= this.learnLeaders().finally(() => {
      this.refreshing = undefined
    })
    await this.refreshing
  }

  private async learnLeaders(): Promise<void> {
    for (;;) {
      const found = await this.client.any(metadata, { topics: [this.options.topic] }).catch((error: unknown) => {
        if (!mayPass(error)) throw error
        return undefined
      })
      for (const { index, leader } of found?.topics[0]?.partitions ?? []) {
        const lane = this.lanes[index]
        if (lane) lane.leader = leader
      }
      if (this.lanes.every((lane) => lane.leader >= 0 || lane.sealed.length === 0)) return
      if (performance.now() - this.lastSuccess > GIVE_UP_MS)
        throw new WireError('closed', `${this.options.topic} has partitions without a leader`)
      await delay(RETRY_MS, this.options.signal)
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve))
  }

  private notify(): void {
    const waiting = this.wake
    this.wake = []
    for (const wake of waiting) wake()
  }

  private check(): void {
    if (this.failure) throw this.failure.error
    this.options.signal.throwIfAborted()
  }
}

/** A producer with an id of its own; a broker that has just started may need some tries to give one. */
export async function makeProducer(client: KafkaClient, options: ProducerOptions): Promise<Producer> {
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    try {
      return new Producer(client, options, await client.any(initProducerId, undefined))
    } catch (error) {
      if (!mayPass(error) || performance.now() > deadline) throw error
      await delay(RETRY_MS, options.signal)
    }
  }
}
