// Mode zookeeper: removes what a dead broker left behind, so that it can be started again at once. Its ephemeral nodes live until its session
// expires (zookeeper.session.timeout.ms), and until then Kafka refuses the same broker id: "Error while creating ephemeral ... node already exists",
// exit 1. A session of our own, four requests of ZooKeeper's client protocol (zookeeper.jute), nothing else of it.
import { connect, type Socket } from 'node:net'
import type { NodeSpec } from '../../model/node.ts'
import type { Address } from '../../model/placement.ts'
import type { ServiceContext } from '../../model/service.ts'
import type { KafkaOptions } from './options.ts'
import { zookeeperName } from './zookeeper-name.ts'

const OP = { delete: 2, getData: 4, close: -11 } as const
const NO_NODE = -101
const SESSION_MS = 4000

function frame(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([int(body.length), body])
}

function int(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([int(bytes.length), bytes])
}

/** One session: requests are answered in order, so answers are simply read one after the other. */
class Session {
  #pending = Buffer.alloc(0)
  #waiting: { resolve: (answer: Buffer) => void; reject: (error: Error) => void } | undefined
  #failure: Error | undefined
  #xid = 0
  readonly #socket: Socket

  constructor(address: Address, signal: AbortSignal) {
    this.#socket = connect(address.port, address.host)
    this.#socket.on('data', (chunk) => {
      this.#pending = Buffer.concat([this.#pending, chunk])
      this.#deliver()
    })
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error(`ZooKeeper at ${address.host}:${address.port} closed the connection`)))
    const onAbort = () => this.#socket.destroy()
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    this.#socket.on('close', () => signal.removeEventListener('abort', onAbort))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#waiting?.reject(this.#failure)
    this.#waiting = undefined
  }

  #deliver(): void {
    if (!this.#waiting || this.#pending.length < 4) return
    const length = this.#pending.readInt32BE(0)
    if (this.#pending.length < 4 + length) return
    const answer = this.#pending.subarray(4, 4 + length)
    this.#pending = this.#pending.subarray(4 + length)
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(answer)
  }

  #answer(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure)
        return
      }
      this.#waiting = { resolve, reject }
      this.#deliver()
    })
  }

  async open(): Promise<void> {
    // protocolVersion, lastZxidSeen, timeOut, sessionId, passwd, readOnly
    this.#socket.write(frame(int(0), Buffer.alloc(8), int(SESSION_MS), Buffer.alloc(8), int(16), Buffer.alloc(16), Buffer.from([0])))
    await this.#answer()
  }

  /** Body of the answer, or undefined where there is no such node. */
  async request(type: number, body: Buffer): Promise<Buffer | undefined> {
    this.#socket.write(frame(int(++this.#xid), int(type), body))
    const answer = await this.#answer()
    const error = answer.readInt32BE(12)
    if (error === NO_NODE) return undefined
    if (error !== 0) throw new Error(`ZooKeeper answered ${error} to request type ${type}`)
    return answer.subarray(16)
  }

  close(): void {
    if (this.#failure === undefined) this.#socket.end(frame(int(++this.#xid), int(OP.close)))
    else this.#socket.destroy()
  }
}

/** The node's data, or undefined. */
async function read(session: Session, path: string): Promise<string | undefined> {
  const body = await session.request(OP.getData, Buffer.concat([text(path), Buffer.from([0])]))
  return body === undefined ? undefined : body.subarray(4, 4 + Math.max(0, body.readInt32BE(0))).toString('utf8')
}

const remove = (session: Session, path: string) => session.request(OP.delete, Buffer.concat([text(path), int(-1)]))

/**
 * Deletes `/brokers/ids/<id>` and, where this broker was the controller, `/controller` (a new election follows at once).
 * @throws Error when the member cannot be asked.
 */
export async function forgetBroker(address: Address, chroot: string, brokerId: number, signal: AbortSignal): Promise<void> {
  const session = new Session(address, signal)
  try {
    await session.open()
    await remove(session, `${chroot}/brokers/ids/${brokerId}`)
    const controller = await read(session, `${chroot}/controller`)
    if (controller !== undefined && new RegExp(`"brokerid":\\s*${brokerId}\\b`).test(controller))
      await remove(session, `${chroot}/controller`)
  } finally {
    session.close()
  }
}

/** Best effort, as `beforeRestart` is: the first member that answers is told. With none, the broker waits in vain and says so itself. */
export async function zookeeperBeforeRestart(node: NodeSpec, context: ServiceContext<KafkaOptions>, signal: AbortSignal): Promise<void> {
  const name = zookeeperName(context.service.options, context.cluster.services)
  for (const member of context.all.filter((other) => other.service === name)) {
    const client = member.place.ports['client']?.host
    if (!client) continue
    try {
      await forgetBroker(client, `/${context.service.name}`, Number(node.facts['nodeId']), signal)
      return
    } catch {
      signal.throwIfAborted()
    }
  }
}
