// One engine, spoken to in JSON: sends, judges the status, parses. Knows no cluster; connect.ts chooses which engine.
import type { Duplex, Readable } from 'node:stream'
import { DevclusterError, messageOf } from '../../errors.ts'
import { describeEndpoint, type Endpoint } from './endpoint.ts'
import { type EngineRequest, type EngineResponse, readAll, type Transport } from './hot.ts'

/** What the engine refused, with its HTTP status: 304 already so, 404 unknown, 409 conflict, 500 its own failure. */
export class EngineError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'EngineError'
    this.status = status
  }
}

/** True for an engine's refusal with one of these statuses. */
export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof EngineError && statuses.includes(error.status)
}

export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly json?: unknown
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export interface Engine {
  readonly endpoint: Endpoint
  /**
   * Asks who answers: Podman with its version, or an engine of Docker's making. The cheapest call there is: to say its version, Podman asks the
   * distribution's package manager, which takes half a second.
   */
  ping(signal: AbortSignal): Promise<{ readonly podman: string | undefined }>
  /** Parsed answer. @throws EngineError for a refusal, RUNTIME_UNAVAILABLE when the engine is gone. */
  get<T>(path: string, options?: CallOptions): Promise<T>
  /** The same for POST; undefined when the answer is empty. */
  post<T>(path: string, options?: CallOptions): Promise<T | undefined>
  put(path: string, options: CallOptions): Promise<void>
  delete(path: string, options?: CallOptions): Promise<void>
  /** The body as it comes: logs, events, pull progress, archives. */
  stream(method: 'GET' | 'POST', path: string, options?: CallOptions): Promise<Readable>
  /** Takes the connection over. */
  upgrade(path: string, options: CallOptions): Promise<Duplex | Readable>
}

/** A filters argument of the API: `{"label":["a=b"]}`. */
export function filters(by: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify(by)
}

function build(method: EngineRequest['method'], path: string, options: CallOptions): EngineRequest {
  const query = Object.entries(options.query ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  )
  const body = options.json === undefined ? options.body : Buffer.from(JSON.stringify(options.json))
  return {
    method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: { ...(options.json === undefined ? {} : { 'Content-Type': 'application/json' }), ...options.headers },
    ...(body ? { body } : {}),
    signal: options.signal,
  }
}

/** The engine's own words: `{"message": ...}`, or whatever it wrote. */
function refusal(text: string, status: number): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string') return value.message.trim()
  } catch {
    // not JSON: a proxy in between, or plain text
  }
  return text.trim().slice(0, 500) || `HTTP status ${status}`
}

/** Wraps a transport. `endpoint` is for messages and addresses. */
export function createEngine(endpoint: Endpoint, transport: Transport): Engine {
  /** A broken connection is the engine's absence, not a bug; an abort stays an abort. */
  const lost = (error: unknown, signal: AbortSignal | undefined): unknown => {
    if (signal?.aborted) return signal.reason
    if (error instanceof EngineError || error instanceof DevclusterError) return error
    return new DevclusterError(
      'RUNTIME_UNAVAILABLE',
      `the container engine at ${describeEndpoint(endpoint)} does not answer: ${messageOf(error)}`,
      {
        hint: 'start the engine again, then repeat the command: what was running is found by its labels',
        cause: error,
      },
    )
  }
  const accept = async (response: EngineResponse): Promise<EngineResponse> => {
    if (response.status >= 200 && response.status < 300) return response
    const text = (await readAll(response.body)).toString('utf8')
    throw new EngineError(response.status, refusal(text, response.status))
  }
  const call = async (method: EngineRequest['method'], path: string, options: CallOptions): Promise<Buffer> => {
    try {
      return await readAll((await accept(await transport.send(build(method, path, options)))).body)
    } catch (error) {
      throw lost(error, options.signal)
    }
  }
  return {
    endpoint,
    async ping(signal) {
      try {
        const { headers, body } = await accept(await transport.send(build('GET', '/_ping', { signal })))
        await readAll(body)
        if (headers['api-version'] === undefined) throw new EngineError(200, 'what answers there is no container engine')
        const podman = headers['libpod-api-version']
        return { podman: typeof podman === 'string' ? podman : undefined }
      } catch (error) {
        throw lost(error, signal)
      }
    },
    async get<T>(path: string, options: CallOptions = {}) {
      const value: T = JSON.parse((await call('GET', path, options)).toString('utf8'))
      return value
    },
    async post<T>(path: string, options: CallOptions = {}) {
      const text = (await call('POST', path, options)).toString('utf8')
      if (text.trim() === '') return undefined
      const value: T = JSON.parse(text)
      return value
    },
    async put(path, options) {
      await call('PUT', path, options)
    },
    async delete(path, options = {}) {
      await call('DELETE', path, options)
    },
    async stream(method, path, options = {}) {
      try {
        return (await accept(await transport.send(build(method, path, options)))).body
      } catch (error) {
        throw lost(error, options.signal)
      }
    },
    async upgrade(path, options) {
      try {
        const answer = await transport.upgrade(build('POST', path, options))
        return 'socket' in answer ? answer.socket : (await accept(answer)).body
      } catch (error) {
        throw lost(error, options.signal)
      }
    },
  }
}

/** The answer, or undefined when the engine does not know the thing (404). */
export async function orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}
