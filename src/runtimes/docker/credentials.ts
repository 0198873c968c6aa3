// Registry credentials from the Docker configuration: inline, or from a credential helper. Reads at each pull and keeps nothing.
// Formats: docker/cli config.json (`auths`, `credsStore`, `credHelpers`), docker-credential-helpers protocol.
import { spawn } from 'node:child_process'
import { readDockerConfig, type Surroundings } from './endpoint.ts'

export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly serveraddress: string
}

const HUB_KEY = 'https://index.docker.io/v1/'
const HELPER_MS = 30_000

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Name a registry has in the configuration. */
const keyOf = (registry: string) => (registry === 'docker.io' ? HUB_KEY : registry)

/** Host of a key such as `https://registry.example/v2/`. */
const hostOf = (key: string) => key.replace(/^https?:\/\//, '').split('/')[0] ?? key

function inline(auths: Readonly<Record<string, unknown>>, registry: string): RegistryAuth | undefined {
  const key = keyOf(registry)
  const wanted = hostOf(key)
  const found = auths[key] ?? Object.entries(auths).find(([name]) => hostOf(name) === wanted)?.[1]
  const entry = record(found)
  const identitytoken = text(entry['identitytoken'])
  if (identitytoken) return { identitytoken, serveraddress: key }
  const auth = text(entry['auth'])
  if (auth) {
    const pair = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
    const colon = pair.indexOf(':')
    if (colon > 0) return { username: pair.slice(0, colon), password: pair.slice(colon + 1), serveraddress: key }
  }
  const [username, password] = [text(entry['username']), text(entry['password'])]
  return username && password ? { username, password, serveraddress: key } : undefined
}

/** Asks `docker-credential-<name> get`; undefined when it knows nothing, or is not installed: the pull is then tried without. */
function askHelper(name: string, key: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<RegistryAuth | undefined> {
  return new Promise((resolve) => {
    const child = spawn(`docker-credential-${name}`, ['get'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: HELPER_MS,
      ...(signal ? { signal } : {}),
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.on('error', () => resolve(undefined))
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${key}\n`)
    child.on('close', (code) => {
      if (code !== 0) return resolve(undefined)
      try {
        const answer = record(JSON.parse(output))
        const [username, secret] = [text(answer['Username']), text(answer['Secret'])]
        if (!username || !secret) return resolve(undefined)
        resolve(username === '<token>' ? { identitytoken: secret, serveraddress: key } : { username, password: secret, serveraddress: key })
      } catch {
        resolve(undefined)
      }
    })
  })
}

/**
 * Credentials for a registry, or undefined for an anonymous pull.
 * `DOCKER_AUTH_CONFIG` (the same JSON as the configuration file, as CI systems set it) comes first.
 */
export async function credentialsFor(registry: string, around: Surroundings, signal?: AbortSignal): Promise<RegistryAuth | undefined> {
  const fromEnv = around.env['DOCKER_AUTH_CONFIG']
  if (fromEnv) {
    try {
      const found = inline(record(record(JSON.parse(fromEnv))['auths']), registry)
      if (found) return found
    } catch {
      // not JSON: as if it were not set
    }
  }
  const config = readDockerConfig(around)
  const key = keyOf(registry)
  const helpers = record(config['credHelpers'])
  const helper = text(helpers[key]) ?? text(helpers[registry]) ?? text(config['credsStore'])
  const asked = helper ? await askHelper(helper, key, around.env, signal) : undefined
  return asked ?? inline(record(config['auths']), registry)
}

/** Value of the `X-Registry-Auth` header: URL-safe base64 of the JSON. */
export function authHeader(auth: RegistryAuth): string {
  return Buffer.from(JSON.stringify(auth)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
