// Finds the engine that answers, once per runtime, and says what was tried when none does. Starts nothing.
import { DevclusterError, isDevclusterError, messageOf } from '../../errors.ts'
import { hasErrno } from '../../util/fs.ts'
import { candidates, describeEndpoint, type Endpoint, type Surroundings } from './endpoint.ts'
import { createEngine, type Engine } from './engine.ts'
import { createTransport } from './hot.ts'

/** How long one engine may take to answer a ping: a remote one crosses a network, a starting one is slow. */
const PING_MS = 10_000

export interface Connection {
  readonly engine: Engine
  /** Version of Podman, whose socket differs in details (podman-system-service(1)); undefined for other engines. */
  readonly podman: string | undefined
}

/** An engine at a known address; nothing is sent yet. */
export function openEngine(endpoint: Endpoint): Engine {
  return createEngine(endpoint, createTransport(endpoint))
}

interface Refused {
  readonly endpoint: Endpoint
  readonly why: string
  readonly kind: 'absent' | 'permission' | 'refused' | 'other'
}

function judge(endpoint: Endpoint, thrown: unknown): Refused {
  const error = isDevclusterError(thrown) && thrown.cause !== undefined ? thrown.cause : thrown
  if (hasErrno(error, 'ENOENT')) return { endpoint, why: 'no such socket', kind: 'absent' }
  if (hasErrno(error, 'EACCES') || hasErrno(error, 'EPERM')) return { endpoint, why: 'permission denied', kind: 'permission' }
  if (hasErrno(error, 'ECONNREFUSED')) return { endpoint, why: 'connection refused', kind: 'refused' }
  if (hasErrno(error, 'ENOTFOUND') || hasErrno(error, 'EAI_AGAIN')) return { endpoint, why: 'host name not known', kind: 'other' }
  if (error instanceof Error && error.name === 'TimeoutError')
    return { endpoint, why: `no answer within ${PING_MS / 1000} s`, kind: 'other' }
  return { endpoint, why: messageOf(error), kind: 'other' }
}

function advice(refused: readonly Refused[]): string {
  const denied = refused.find((one) => one.kind === 'permission')
  if (denied && denied.endpoint.type === 'unix') {
    return `add yourself to the group that owns ${denied.endpoint.path} (\`sudo usermod -aG docker $USER\`, then log in again), or use \`runtime: process\``
  }
  const named = refused.find((one) => one.endpoint.origin !== 'default socket')
  if (named)
    return `start that engine, or correct ${named.endpoint.origin.startsWith('context') ? 'the Docker context (`docker context use default`)' : named.endpoint.origin}, or use \`runtime: process\``
  return 'start Docker, Colima, Rancher Desktop or Podman (`systemctl --user start podman.socket`), set DOCKER_HOST, or use `runtime: process`'
}

/** The error for "no engine": every address, each with its reason. */
function noEngine(refused: readonly Refused[]): DevclusterError {
  const worthNaming = refused.filter((one) => one.kind !== 'absent' || one.endpoint.origin !== 'default socket')
  const absent = refused.filter((one) => !worthNaming.includes(one))
  const tried = worthNaming.map((one) => `${describeEndpoint(one.endpoint)} (${one.endpoint.origin}): ${one.why}`)
  if (absent.length > 0)
    tried.push(
      `no socket at ${absent.map((one) => (one.endpoint.type === 'unix' ? one.endpoint.path : describeEndpoint(one.endpoint))).join(', ')}`,
    )
  return new DevclusterError('RUNTIME_UNAVAILABLE', `no container engine answers; tried ${tried.join('; ')}`, {
    hint: advice(refused),
    data: { tried: refused.map((one) => ({ address: describeEndpoint(one.endpoint), origin: one.endpoint.origin, why: one.why })) },
  })
}

/**
 * The first candidate that answers.
 * @throws RUNTIME_UNAVAILABLE naming all that was tried; the signal's reason when it aborts.
 */
export async function connect(around: Surroundings, signal: AbortSignal | undefined): Promise<Connection> {
  const refused: Refused[] = []
  for (const endpoint of candidates(around)) {
    const limit = AbortSignal.timeout(PING_MS)
    try {
      const engine = openEngine(endpoint)
      const { podman } = await engine.ping(signal ? AbortSignal.any([signal, limit]) : limit)
      return { engine, podman }
    } catch (error) {
      signal?.throwIfAborted()
      refused.push(judge(endpoint, error))
    }
  }
  throw noEngine(refused)
}

/** Remembers the connection; a failure is not remembered, so that an engine started later is found. */
export function createConnector(around: () => Surroundings): (signal?: AbortSignal) => Promise<Connection> {
  let known: Connection | undefined
  return async (signal) => (known ??= await connect(around(), signal))
}
