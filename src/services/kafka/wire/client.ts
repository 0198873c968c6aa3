// A client of one cluster: one connection per broker, opened when first used. The brokers' addresses are given (a cluster of ours is known), never learnt.
// It retries nothing by itself, except that `any` moves on to the next broker.

import { metadata } from './api/metadata.ts'
import type { Api } from './api.ts'
import { Connection } from './connection.ts'
import { mayPass, WireError } from './errors.ts'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

/** Per try; a broker on the same machine answers in milliseconds, a busy one in some hundred. */
const CONNECT_MS = 5000

export class KafkaClient {
  /** By broker id. */
  readonly brokers: ReadonlyMap<number, BrokerAddress>
  private readonly open = new Map<number, Promise<Connection>>()
  private readonly signal: AbortSignal
  /** As last heard; undefined: ask. */
  private controllerId: number | undefined

  /** `signal` ends every wait of this client. */
  constructor(brokers: ReadonlyMap<number, BrokerAddress>, signal: AbortSignal) {
    this.brokers = brokers
    this.signal = signal
  }

  /** The connection to a broker; a broken one is replaced. */
  async connection(id: number): Promise<Connection> {
    const known = this.open.get(id)
    if (known) {
      const connection = await known.catch(() => undefined)
      if (connection?.usable) return connection
      if (this.open.get(id) === known) this.open.delete(id)
      return this.connection(id)
    }
    const place = this.brokers.get(id)
    if (!place) throw new WireError('closed', `broker ${id} is not part of this cluster`)
    const opening = Connection.open(place, AbortSignal.any([this.signal, AbortSignal.timeout(CONNECT_MS)]))
    // A failed opening must not be kept; whoever waits for it hears of it.
    opening.catch(() => {
      if (this.open.get(id) === opening) this.open.delete(id)
    })
    this.open.set(id, opening)
    return opening
  }

  /** Sends to one broker. */
  async send<Q, R>(id: number, api: Api<Q, R>, request: Q, withinMs = 30_000): Promise<R> {
    const connection = await this.connection(id)
    return connection.send(api, request, AbortSignal.any([this.signal, AbortSignal.timeout(withinMs)]))
  }

  /** Sends to the first broker that answers. */
  async any<Q, R>(api: Api<Q, R>, request: Q, withinMs = 30_000): Promise<R> {
    let last: unknown = new WireError('closed', 'there is no broker')
    for (const id of this.brokers.keys()) {
      this.signal.throwIfAborted()
      try {
        return await this.send(id, api, request, withinMs)
      } catch (error) {
        if (!mayPass(error)) throw error
        last = error
      }
    }
    throw last
  }

  /**
   * Sends to the controller: in ZooKeeper mode only it serves CreateTopics and the like; on KRaft Metadata names any broker, which forwards.
   * It is asked for once, until `forgetController` or a failure.
   */
  async controller<Q, R>(api: Api<Q, R>, request: Q, withinMs = 60_000): Promise<R> {
    this.controllerId ??= (await this.any(metadata, { topics: [] })).controllerId
    const id = this.controllerId
    try {
      return await (this.brokers.has(id) ? this.send(id, api, request, withinMs) : this.any(api, request, withinMs))
    } catch (error) {
      this.forgetController()
      throw error
    }
  }

  /** After an answer NOT_CONTROLLER. */
  forgetController(): void {
    this.controllerId = undefined
  }

  async close(): Promise<void> {
    const all = [...this.open.values()]
    this.open.clear()
    for (const opening of all) (await opening.catch(() => undefined))?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
