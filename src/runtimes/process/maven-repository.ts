// Decides where Maven artifacts come from: the local repository, and one remote with its credentials. Downloads nothing.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import { mirrorOfCentral, parseMavenSettings } from './maven-settings.ts'

export interface MavenRemote {
  /** Ends with a slash; holds no credentials. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface MavenPlaces {
  /** A Maven local repository, which may not exist. */
  readonly local: string
  /** Called only when something must be downloaded: the library that knows the default address is loaded then. */
  readonly remote: () => Promise<MavenRemote>
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function remoteOf(address: string, from: string, headers: Readonly<Record<string, string>>): MavenRemote {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    throw new DevclusterError('FETCH_FAILED', `the Maven repository in ${from} is no address`, {
      hint: `give an http or https address in ${from}`,
    })
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new DevclusterError('FETCH_FAILED', `the Maven repository in ${from} is no http or https address`, {
      hint: `give one in ${from}`,
    })
  }
  const own = url.username === '' ? {} : { authorization: basic(decodeURIComponent(url.username), decodeURIComponent(url.password)) }
  url.username = ''
  url.password = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return { url: url.href, headers: { ...own, ...headers } }
}

/** The default repository's address, as the library knows it (this package names no host). */
async function defaultRemote(): Promise<MavenRemote> {
  const library = await import('mvn-artifact-url')
  // A CommonJS module with a default export of its own: Node gives the module, other loaders that export.
  const module: unknown = library.default
  const artifact = { groupId: 'g', artifactId: 'a', version: '1' }
  const sample: unknown = await (typeof module === 'function' ? module(artifact) : library.default.default(artifact))
  const end = typeof sample === 'string' ? sample.indexOf('g/a/1/') : -1
  if (typeof sample !== 'string' || end < 0)
    throw new DevclusterError('INTERNAL', 'the default Maven repository cannot be told from its library')
  return { url: sample.slice(0, end), headers: {} }
}

/** `DEVCLUSTER_MAVEN_REPOSITORY`, else the mirror of central in ~/.m2/settings.xml with its server's credentials, else the default. */
export async function mavenPlaces(env: NodeJS.ProcessEnv): Promise<MavenPlaces> {
  const m2 = join(env['HOME'] ?? homedir(), '.m2')
  const settings = parseMavenSettings(await readFile(join(m2, 'settings.xml'), 'utf8').catch(() => ''), env)
  return {
    local: settings.localRepository ?? join(m2, 'repository'),
    remote: async () => {
      const own = env['DEVCLUSTER_MAVEN_REPOSITORY']
      if (own) return remoteOf(own, 'DEVCLUSTER_MAVEN_REPOSITORY', {})
      const mirror = mirrorOfCentral(settings)
      if (!mirror) return await defaultRemote()
      const server = settings.servers.find((candidate) => candidate.id === mirror.id)
      const login =
        server?.username !== undefined && server.password !== undefined ? { authorization: basic(server.username, server.password) } : {}
      return remoteOf(mirror.url, 'settings.xml', { ...login, ...server?.headers })
    },
  }
}
