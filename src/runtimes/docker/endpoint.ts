// Says which engines could be meant: DOCKER_HOST, the Docker configuration's context, else the well-known sockets. Opens no connection.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DevclusterError } from '../../errors.ts'

export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** False when the user switched verification off (`DOCKER_TLS_VERIFY` empty, `SkipTLSVerify` of a context). */
  readonly verify: boolean
}

/** One engine that could be meant. `origin` says why it is tried: `DOCKER_HOST`, `context colima`, `default socket`. */
export type Endpoint =
  | { readonly type: 'unix'; readonly path: string; readonly origin: string }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles; readonly origin: string }
  | { readonly type: 'ssh'; readonly host: string; readonly port: number; readonly user?: string; readonly origin: string }

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  readonly uid: number
}

/** This process's environment, home and uid, read now. */
export function surroundings(): Surroundings {
  return { env: process.env, home: homedir(), uid: process.getuid?.() ?? 0 }
}

/** `unix:///var/run/docker.sock`, `tcp://build.example:2376 (TLS)`. */
export function describeEndpoint(endpoint: Endpoint): string {
  switch (endpoint.type) {
    case 'unix':
      return `unix://${endpoint.path}`
    case 'tcp':
      return `tcp://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}${endpoint.tls ? ' (TLS)' : ''}`
    case 'ssh':
      return `ssh://${endpoint.user ? `${endpoint.user}@` : ''}${endpoint.host}${endpoint.port === 22 ? '' : `:${endpoint.port}`}`
  }
}

function unusable(what: string, why: string, hint: string): DevclusterError {
  return new DevclusterError('RUNTIME_UNAVAILABLE', `${what} ${why}`, { hint })
}

/**
 * Parses an engine address as the Docker command line writes it (`unix://`, `tcp://`, `http(s)://`, `ssh://`).
 * @throws RUNTIME_UNAVAILABLE for a form it does not know.
 */
export function parseHost(text: string, origin: string, tls: TlsFiles | undefined): Endpoint {
  if (text.startsWith('unix://')) return { type: 'unix', path: text.slice('unix://'.length) || '/var/run/docker.sock', origin }
  if (text.startsWith('/')) return { type: 'unix', path: text, origin }
  let url: URL
  try {
    url = new URL(text.includes('://') ? text : `tcp://${text}`)
  } catch {
    throw unusable(
      `${origin} is '${text}', which`,
      'is not an address of an engine',
      'use a form like unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host',
    )
  }
  if (url.hostname === '' && url.protocol !== 'npipe:') {
    throw unusable(
      `${origin} is '${text}', which`,
      'names no host',
      'use a form like unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host',
    )
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  switch (url.protocol) {
    case 'ssh:':
      return {
        type: 'ssh',
        host,
        port: url.port ? Number(url.port) : 22,
        ...(url.username ? { user: decodeURIComponent(url.username) } : {}),
        origin,
      }
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const secure = tls ?? (url.protocol === 'https:' ? { verify: true } : undefined)
      return { type: 'tcp', host, port: url.port ? Number(url.port) : secure ? 2376 : 2375, ...(secure ? { tls: secure } : {}), origin }
    }
    default:
      throw unusable(
        `${origin} is '${text}', which`,
        `begins with ${url.protocol}//, a transport devcluster does not speak`,
        'use unix://, tcp:// or ssh://; on Windows run devcluster inside WSL2',
      )
  }
}

/** Where the Docker configuration lives: `$DOCKER_CONFIG`, else `~/.docker`. */
export function dockerConfigDir({ env, home }: Surroundings): string {
  return env['DOCKER_CONFIG'] || join(home, '.docker')
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

/** The Docker configuration file as a plain record; empty when absent or not JSON. */
export function readDockerConfig(around: Surroundings): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(readFileSync(join(dockerConfigDir(around), 'config.json'), 'utf8')))
  } catch {
    return {}
  }
}

/** TLS files in a folder (ca.pem, cert.pem, key.pem), those that exist. */
function tlsIn(dir: string, verify: boolean): TlsFiles {
  const file = (name: string) => (existsSync(join(dir, name)) ? join(dir, name) : undefined)
  const [ca, cert, key] = [file('ca.pem'), file('cert.pem'), file('key.pem')]
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}), verify }
}

/** DOCKER_TLS_VERIFY set (to anything) demands verification; DOCKER_CERT_PATH alone means TLS without it (docker CLI reference, environment variables). */
function tlsFromEnv(around: Surroundings): TlsFiles | undefined {
  const verify = around.env['DOCKER_TLS_VERIFY']
  const path = around.env['DOCKER_CERT_PATH']
  if (!verify && !path) return undefined
  return tlsIn(path || dockerConfigDir(around), Boolean(verify))
}

/** The folder of a context is the SHA-256 of its name (docker/cli, cli/context/store). */
function contextEndpoint(name: string, origin: string, around: Surroundings): Endpoint {
  // Loaded where it is needed: few use a context, and the hot paths read this file.
  const folder = process.getBuiltinModule('node:crypto').createHash('sha256').update(name).digest('hex')
  const dir = join(dockerConfigDir(around), 'contexts')
  let meta: Readonly<Record<string, unknown>>
  try {
    meta = record(JSON.parse(readFileSync(join(dir, 'meta', folder, 'meta.json'), 'utf8')))
  } catch {
    throw unusable(
      `the Docker context '${name}' (${origin})`,
      'does not exist',
      'list the contexts with `docker context ls`, or unset DOCKER_CONTEXT',
    )
  }
  const docker = record(record(meta['Endpoints'])['docker'])
  const host = docker['Host']
  if (typeof host !== 'string' || host === '')
    throw unusable(`the Docker context '${name}'`, 'names no engine', `show it with \`docker context inspect ${name}\``)
  const tlsDir = join(dir, 'tls', folder, 'docker')
  const tls = existsSync(tlsDir) ? tlsIn(tlsDir, docker['SkipTLSVerify'] !== true) : undefined
  return parseHost(host, `context ${name}`, tls)
}

/** Sockets of the engines people have, in the order tried: Docker, rootless Docker, Docker Desktop, Colima, Rancher Desktop, OrbStack, Podman. */
export function defaultSockets({ env, home, uid }: Surroundings): readonly string[] {
  const run = env['XDG_RUNTIME_DIR'] || `/run/user/${uid}`
  return [
    '/var/run/docker.sock',
    join(run, 'docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(env['COLIMA_HOME'] || join(home, '.colima'), 'default/docker.sock'),
    join(home, '.rd/docker.sock'),
    join(home, '.orbstack/run/docker.sock'),
    join(run, 'podman/podman.sock'),
    '/run/podman/podman.sock',
    join(home, '.local/share/containers/podman/machine/podman.sock'),
  ]
}

/**
 * Engines to try, best first. One that the user named (DOCKER_HOST, then DOCKER_CONTEXT, then the current context) is the only one.
 * @throws RUNTIME_UNAVAILABLE when the named one is malformed or unknown.
 */
export function candidates(around: Surroundings): readonly Endpoint[] {
  const named = around.env['DOCKER_HOST']
  if (named) return [parseHost(named, 'DOCKER_HOST', tlsFromEnv(around))]
  const fromEnv = around.env['DOCKER_CONTEXT']
  const current = readDockerConfig(around)['currentContext']
  const context = fromEnv || (typeof current === 'string' ? current : '')
  if (context && context !== 'default')
    return [contextEndpoint(context, fromEnv ? 'DOCKER_CONTEXT' : 'the current one of the Docker configuration', around)]
  return defaultSockets(around).map((path) => ({ type: 'unix', path, origin: 'default socket' }))
}

/** True when the engine runs on another machine, judged by its address alone: a tunnel on loopback counts as local. */
export function isRemote(endpoint: Endpoint): boolean {
  if (endpoint.type === 'unix') return false
  return !(endpoint.host === 'localhost' || endpoint.host === '::1' || endpoint.host.startsWith('127.'))
}
