// Reaches an engine over ssh with dockerode, loaded only then. The host's key must be known to OpenSSH (known_hosts); unknown hosts are refused.
import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import type { Duplex } from 'node:stream'
import { DevclusterError } from '../../errors.ts'
import type { Endpoint } from './endpoint.ts'
import type { EngineRequest, EngineResponse, Transport } from './hot.ts'

type SshEndpoint = Extract<Endpoint, { type: 'ssh' }>

/** Keys OpenSSH has on record for a host, base64 (`ssh-keygen -F`, which also reads hashed entries). */
function knownKeys(endpoint: SshEndpoint): Promise<ReadonlySet<string>> {
  const name = endpoint.port === 22 ? endpoint.host : `[${endpoint.host}]:${endpoint.port}`
  return new Promise((resolve) => {
    execFile('ssh-keygen', ['-F', name], { timeout: 5_000 }, (_error, stdout) => {
      const keys = stdout
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .flatMap((line) => line.split(/\s+/)[2] ?? [])
      resolve(new Set(keys))
    })
  })
}

// dial() treats every status outside this table as an error; ours are judged by engine.ts.
const ANY_STATUS: Readonly<Record<number, boolean>> = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]))

/**
 * Transport through `docker system dial-stdio` on the other side, as the Docker command line does.
 * @throws RUNTIME_UNAVAILABLE when the host's key is not known.
 */
export async function sshTransport(endpoint: SshEndpoint): Promise<Transport> {
  const keys = await knownKeys(endpoint)
  const user = endpoint.user ?? userInfo().username
  if (keys.size === 0) {
    throw new DevclusterError('RUNTIME_UNAVAILABLE', `the key of ssh host ${endpoint.host} is not known here`, {
      hint: `connect once with \`ssh ${endpoint.port === 22 ? '' : `-p ${endpoint.port} `}${user}@${endpoint.host}\` and accept its key`,
    })
  }
  const agent = process.env['SSH_AUTH_SOCK']
  const { default: Docker } = await import('dockerode')
  const docker = new Docker({
    protocol: 'ssh',
    host: endpoint.host,
    port: endpoint.port,
    username: user,
    sshOptions: { ...(agent ? { agent } : {}), hostVerifier: (key: Buffer) => keys.has(key.toString('base64')) },
  })
  const dial = (request: EngineRequest, hijack: boolean) =>
    new Promise<EngineResponse | { socket: Duplex }>((resolve, reject) => {
      docker.modem.dial(
        {
          // dial() cuts the last character of a path that has a query of its own.
          path: request.path.includes('?') ? `${request.path}&` : request.path,
          method: request.method,
          headers: { ...request.headers },
          isStream: true,
          hijack,
          statusCodes: ANY_STATUS,
          ...(request.body ? { file: Buffer.from(request.body) } : {}),
          ...(request.signal ? { abortSignal: request.signal } : {}),
        },
        (error: unknown, answer: unknown) => {
          if (error instanceof Error) reject(error)
          else if (isMessage(answer)) resolve({ status: answer.statusCode, headers: answer.headers, body: answer })
          else if (isDuplex(answer)) resolve({ socket: answer })
          else reject(new Error(`no answer from ${endpoint.host}`))
        },
      )
    })
  return {
    async send(request) {
      const answer = await dial(request, false)
      if ('socket' in answer) throw new Error(`${endpoint.host} switched protocols without being asked`)
      return answer
    },
    upgrade: (request) => dial(request, true),
  }
}

function isMessage(value: unknown): value is import('node:http').IncomingMessage & { statusCode: number } {
  return typeof value === 'object' && value !== null && 'statusCode' in value && typeof value.statusCode === 'number'
}

function isDuplex(value: unknown): value is Duplex {
  return typeof value === 'object' && value !== null && 'write' in value && 'pipe' in value
}
