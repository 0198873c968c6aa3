// A small HTTP client for the Docker Engine API on Node's built-ins: one connection per request over a Unix socket, TCP, TLS or ssh.
// It knows no resource of the API (engine.ts does) and never retries. A client library costs more to load than a whole `status`.
import { readFileSync } from 'node:fs'
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { Endpoint, TlsFiles } from './endpoint.ts'

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  /** Path with query, without API version: the engine then answers in its newest (Docker API reference, versioning). */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal?: AbortSignal | undefined
}

export interface EngineResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

/** Carries requests to one engine. */
export interface Transport {
  send(request: EngineRequest): Promise<EngineResponse>
  /** Sends and takes over the connection (101 UPGRADED): raw bytes both ways, used by exec. */
  upgrade(request: EngineRequest): Promise<EngineResponse | { readonly socket: Duplex }>
}

function tlsOptions(tls: TlsFiles): RequestOptions & { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized: boolean } {
  return {
    ...(tls.ca ? { ca: readFileSync(tls.ca) } : {}),
    ...(tls.cert ? { cert: readFileSync(tls.cert) } : {}),
    ...(tls.key ? { key: readFileSync(tls.key) } : {}),
    rejectUnauthorized: tls.verify,
  }
}

type Opener = (options: RequestOptions) => ClientRequest

async function openerFor(endpoint: Endpoint): Promise<Opener> {
  if (endpoint.type === 'ssh') {
    const { openSsh } = await import('./ssh.ts')
    return (options) => httpRequest({ ...options, agent: undefined, host: endpoint.host, createConnection: () => openSsh(endpoint) })
  }
  if (endpoint.type === 'unix') return (options) => httpRequest({ ...options, socketPath: endpoint.path })
  const { host, port, tls } = endpoint
  if (!tls) return (options) => httpRequest({ ...options, host, port })
  const { request: httpsRequest } = await import('node:https')
  const secrets = tlsOptions(tls)
  return (options) => httpsRequest({ ...options, ...secrets, host, port })
}

function open(opener: Opener, request: EngineRequest, extra: Readonly<Record<string, string>>): ClientRequest {
  const sent = opener({
    method: request.method,
    path: request.path,
    agent: false,
    headers: {
      ...request.headers,
      ...extra,
      ...(request.body || request.method === 'POST' ? { 'Content-Length': String(request.body?.byteLength ?? 0) } : {}),
    },
    ...(request.signal ? { signal: request.signal } : {}),
  })
  // Log and event streams are silent for long: no idle timeout, and small frames at once.
  sent.setNoDelay(true)
  sent.end(request.body)
  return sent
}

const asResponse = (message: IncomingMessage): EngineResponse => ({
  status: message.statusCode ?? 0,
  headers: message.headers,
  body: message,
})

/** Transport over a Unix socket, TCP, TLS or ssh. */
export function createTransport(endpoint: Endpoint): Transport {
  let opener: Promise<Opener> | undefined
  const ready = () => (opener ??= openerFor(endpoint))
  return {
    async send(request) {
      const sent = open(await ready(), request, {})
      return new Promise((resolve, reject) => {
        sent.once('response', (message) => resolve(asResponse(message)))
        sent.on('error', reject)
      })
    },
    async upgrade(request) {
      const sent = open(await ready(), request, { Connection: 'Upgrade', Upgrade: 'tcp' })
      return new Promise((resolve, reject) => {
        sent.once('response', (message) => resolve(asResponse(message)))
        sent.once('upgrade', (_message, socket, head) => {
          if (head.length > 0) socket.unshift(head)
          resolve({ socket })
        })
        sent.on('error', reject)
      })
    },
  }
}

/** All of a body. */
export async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)))
  return Buffer.concat(chunks)
}
