// One TCP connection to one broker: requests are pipelined and matched to their responses by correlation id.
// It does not reconnect, choose brokers or retry.
import { createConnection, type Socket } from 'node:net'
import type { Api } from './api.ts'
import { WireError } from './errors.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

const CLIENT_ID = 'devcluster'
/** A longer "length" is another protocol's text read as a number (`HTTP` is 1.2 GB). */
const MAX_RESPONSE_BYTES = 256 * 1024 * 1024

interface Pending {
  readonly settle: (response: Reader) => void
  readonly fail: (error: unknown) => void
}

interface Place {
  readonly host: string
  readonly port: number
}

function timeoutText(signal: AbortSignal): string {
  return signal.reason instanceof Error && signal.reason.name === 'TimeoutError' ? 'no answer in time' : 'given up'
}

/** An open connection. Everything pending fails when it breaks; later sends fail too. */
export class Connection {
  readonly place: Place
  private readonly socket: Socket
  private readonly pending = new Map<number, Pending>()
  private correlation = 0
  private broken: WireError | undefined
  private chunks: Buffer[] = []
  private buffered = 0
  private wanted = 4

  private constructor(place: Place, socket: Socket) {
    this.place = place
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.receive(chunk))
    socket.on('error', (error) => this.break(new WireError('closed', `connection to ${place.host}:${place.port} broke: ${error.message}`)))
    socket.on('close', () => this.break(new WireError('closed', `${place.host}:${place.port} closed the connection`)))
  }

  /**
   * Connects.
   * @throws WireError `refused`, `timeout` (also when the signal aborts) or `closed`
   */
  static open(place: Place, signal: AbortSignal): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const where = `${place.host}:${place.port}`
      if (signal.aborted) {
        reject(new WireError('timeout', `connecting to ${where}: ${timeoutText(signal)}`))
        return
      }
      const socket = createConnection({ host: place.host, port: place.port, noDelay: true })
      const onAbort = () => {
        socket.destroy()
        reject(new WireError('timeout', `connecting to ${where}: ${timeoutText(signal)}`))
      }
      const onError = (error: NodeJS.ErrnoException) => {
        signal.removeEventListener('abort', onAbort)
        socket.destroy()
        reject(
          new WireError(
            error.code === 'ECONNREFUSED' ? 'refused' : 'closed',
            error.code === 'ECONNREFUSED' ? `${where} refuses connections` : `connecting to ${where}: ${error.message}`,
          ),
        )
      }
      signal.addEventListener('abort', onAbort, { once: true })
      socket.once('error', onError)
      socket.once('connect', () => {
        signal.removeEventListener('abort', onAbort)
        socket.removeListener('error', onError)
        resolve(new Connection(place, socket))
      })
    })
  }

  get usable(): boolean {
    return this.broken === undefined
  }

  /**
   * Sends one request and waits for its response. An aborted wait leaves the connection usable: the late response is dropped.
   * @throws WireError `timeout`, `closed`, `protocol`
   */
  send<Q, R>(api: Api<Q, R>, request: Q, signal: AbortSignal): Promise<R> {
    if (this.broken) return Promise.reject(this.broken)
    if (signal.aborted) return Promise.reject(this.timeout(api.name, signal))
    const id = this.correlation
    this.correlation = (id + 1) & 0x7fffffff
    const writer = new Writer()
    writer.int32(0).int16(api.key).int16(api.version).int32(id).oldString(CLIENT_ID).tags()
    api.write(writer, request)
    writer.tags()
    writer.patchInt32(writer.length - 4, 0)
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.pending.set(id, IGNORED)
        reject(this.timeout(api.name, signal))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.pending.set(id, {
        settle: (reader) => {
          signal.removeEventListener('abort', onAbort)
          try {
            if (!api.oldResponseHeader) reader.tags()
            resolve(api.read(reader))
          } catch (error) {
            const problem = error instanceof RangeError ? this.foreign(`its ${api.name} response is cut short`) : error
            reject(problem)
            if (problem instanceof WireError && problem.kind === 'protocol') this.break(problem)
          }
        },
        fail: (error) => {
          signal.removeEventListener('abort', onAbort)
          reject(error)
        },
      })
      this.socket.write(writer.done())
    })
  }

  /** Ends the connection; pending requests fail. */
  close(): void {
    this.break(new WireError('closed', 'closed by devcluster'))
  }

  private timeout(api: string, signal: AbortSignal): WireError {
    return new WireError('timeout', `${api} to ${this.place.host}:${this.place.port}: ${timeoutText(signal)}`)
  }

  private foreign(why: string): WireError {
    return new WireError('protocol', `${this.place.host}:${this.place.port} answers, but not in Kafka's protocol (${why})`)
  }

  private break(error: WireError): void {
    if (this.broken) return
    this.broken = error
    this.socket.destroy()
    const waiting = [...this.pending.values()]
    this.pending.clear()
    for (const { fail } of waiting) fail(error)
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.buffered += chunk.length
    while (this.buffered >= this.wanted && !this.broken) {
      const [first] = this.chunks
      const all = this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks)
      const length = all.readInt32BE(0)
      if (length < 4 || length > MAX_RESPONSE_BYTES) {
        this.break(this.foreign(`it begins with ${JSON.stringify(all.toString('latin1', 0, 12))}`))
        return
      }
      this.chunks = [all]
      this.wanted = 4 + length
      if (all.length < this.wanted) return
      const rest = all.subarray(this.wanted)
      this.chunks = rest.length > 0 ? [rest] : []
      this.buffered = rest.length
      this.wanted = 4
      this.dispatch(all.subarray(4, 4 + length))
    }
  }

  private dispatch(response: Buffer): void {
    const reader = new Reader(response)
    const id = reader.int32()
    const waiting = this.pending.get(id)
    if (!waiting) {
      this.break(this.foreign(`a response to request ${id}, which was never sent`))
      return
    }
    this.pending.delete(id)
    waiting.settle(reader)
  }
}

const IGNORED: Pending = { settle: () => undefined, fail: () => undefined }

/** Opens a connection, uses it, closes it. */
export async function withConnection<T>(place: Place, signal: AbortSignal, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.open(place, signal)
  try {
    return await use(connection)
  } finally {
    connection.close()
  }
}
