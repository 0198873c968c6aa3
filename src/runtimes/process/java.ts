// Finds a Java that is new enough: named by the user, on PATH, in well-known folders, or fetched before into the cache. Downloads nothing.
import { execFile } from 'node:child_process'
import { readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import { makeDir, readJson } from '../../util/fs.ts'
import { findOnPath } from './distribution.ts'

export interface Java {
  /** Absolute path of the `java` program. */
  readonly program: string
  /** Feature version: 17, 21, 25. */
  readonly major: number
  /** For people: 17.0.15. */
  readonly version: string
  /** Names the exact build; start-up archives are bound to it. */
  readonly build: string
}

/** `17.0.15`, `1.8.0_402`, `25-ea` to 17, 8, 25. */
export function majorOf(version: string): number {
  const [first = '0', second = '0'] = version.split(/[.\-_+]/)
  return first === '1' ? Number(second) : Number(first)
}

/** The `release` file of a Java home (lines `KEY="value"`). */
export function parseRelease(text: string): { version: string; build: string } | undefined {
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1]
  const version = value('JAVA_VERSION')
  if (version === undefined || version === '') return undefined
  return { version, build: [value('IMPLEMENTOR') ?? '', value('JAVA_RUNTIME_VERSION') ?? version, value('OS_ARCH') ?? ''].join('/') }
}

/** Output of `java -version` (on stderr): `openjdk version "17.0.15" 2025-04-15` and the build in the second line. */
export function parseVersionOutput(text: string): { version: string; build: string } | undefined {
  const version = /version "([^"]+)"/.exec(text)?.[1]
  return version === undefined ? undefined : { version, build: text.split('\n')[1]?.trim() || version }
}

function runVersion(program: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    // A JVM that reads the user's options would print them first, and could fail on them.
    execFile(program, ['-version'], { env: {}, timeout: 10_000, signal }, (_error, stdout, stderr) => resolve(`${stderr}\n${stdout}`))
  })
}

/** Asks the program itself; the answer is remembered by path and modification time, as a JVM run costs 100 ms and more. */
async function askVersion(program: string, cache: string, signal: AbortSignal) {
  const file = join(cache, 'java', 'versions.json')
  const { mtimeMs } = await stat(program)
  const key = `${program}@${Math.round(mtimeMs)}`
  const known = await readJson(file)
  if (typeof known === 'object' && known !== null && key in known) {
    const text: unknown = Object.entries(known).find(([name]) => name === key)?.[1]
    if (typeof text === 'string') return parseVersionOutput(text)
  }
  const text = await runVersion(program, signal)
  const parsed = parseVersionOutput(text)
  if (parsed) {
    // Only a memory: a cache that cannot be written costs time, nothing else.
    const temporary = `${file}.${process.pid}.tmp`
    await makeDir(dirname(file), 0o777)
      .then(() => writeFile(temporary, JSON.stringify({ ...(typeof known === 'object' ? known : {}), [key]: text })))
      .then(() => rename(temporary, file))
      .catch(() => undefined)
  }
  return parsed
}

/** What a `java` program is; undefined when it does not run. */
export async function inspectJava(program: string, cache: string, signal: AbortSignal): Promise<Java | undefined> {
  const real = await realpath(program).catch(() => undefined)
  if (real === undefined) return undefined
  const release = await readFile(join(dirname(dirname(real)), 'release'), 'utf8').catch(() => '')
  const found = parseRelease(release) ?? (await askVersion(real, cache, signal))
  return found && { program: real, major: majorOf(found.version), version: found.version, build: found.build }
}

const WELL_KNOWN: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/lib/jvm', '/usr/java', '/opt/java'],
  darwin: ['/Library/Java/JavaVirtualMachines', '/opt/homebrew/opt', '/usr/local/opt'],
}

async function homesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => [join(folder, name), join(folder, name, 'Contents', 'Home'), join(folder, name, 'jre')])
}

/** Folder of fetched Javas in the cache. */
export function javaCache(cache: string): string {
  return join(cache, 'java', 'fetched')
}

export interface JavaQuery {
  readonly minVersion: number
  readonly env: NodeJS.ProcessEnv
  readonly cache: string
  readonly signal: AbortSignal
}

export type JavaSearch = { readonly java: Java } | { readonly tooOld: readonly string[] }

/**
 * The first Java that is new enough, in this order: DEVCLUSTER_JAVA_HOME, JAVA_HOME, PATH, well-known folders, the cache.
 * `DEVCLUSTER_JAVA_SEARCH=off` leaves the well-known folders out.
 * @throws DevclusterError JAVA_NOT_FOUND when DEVCLUSTER_JAVA_HOME itself names none or one that is too old.
 */
export async function searchJava(query: JavaQuery): Promise<JavaSearch> {
  const { env, cache, signal, minVersion } = query
  const tooOld: string[] = []
  const seen = new Set<string>()
  const consider = async (program: string): Promise<Java | undefined> => {
    if (seen.has(program)) return undefined
    seen.add(program)
    const java = await inspectJava(program, cache, signal)
    if (java && java.major >= minVersion) return java
    if (java) tooOld.push(`Java ${java.version} (${java.program})`)
    return undefined
  }
  const explicit = env['DEVCLUSTER_JAVA_HOME']
  if (explicit) {
    const program = join(explicit, 'bin', 'java')
    const java = await inspectJava(program, cache, signal)
    if (java && java.major >= minVersion) return { java }
    throw new DevclusterError(
      'JAVA_NOT_FOUND',
      java
        ? `DEVCLUSTER_JAVA_HOME is Java ${java.version}, but ${minVersion} or newer is needed`
        : `DEVCLUSTER_JAVA_HOME names no Java: ${program} does not run`,
      { hint: `let DEVCLUSTER_JAVA_HOME name a Java ${minVersion} or newer, or unset it` },
    )
  }
  if (env['JAVA_HOME']) {
    const java = await consider(join(env['JAVA_HOME'], 'bin', 'java'))
    if (java) return { java }
  }
  const onPath = await findOnPath('java', env['PATH'])
  if (onPath !== undefined) {
    const java = await consider(onPath)
    if (java) return { java }
  }
  const folders = env['DEVCLUSTER_JAVA_SEARCH'] === 'off' ? [] : (WELL_KNOWN[process.platform] ?? [])
  for (const folder of [...folders, javaCache(cache)]) {
    for (const home of await homesIn(folder)) {
      const java = await consider(join(home, 'bin', 'java'))
      if (java) return { java }
    }
  }
  return { tooOld }
}

/** The error of the last resort, with the three ways to a Java. */
export function javaNotFound(minVersion: number, tooOld: readonly string[], tried: readonly string[]): DevclusterError {
  const found = tooOld.length === 0 ? 'none was found' : `only ${tooOld.join(', ')} was found`
  const fetched = tried.length === 0 ? '' : `, and none could be fetched (${tried.join('; ')})`
  return new DevclusterError('JAVA_NOT_FOUND', `Java ${minVersion} or newer is needed: ${found}${fetched}`, {
    hint: `install a JDK ${minVersion} or newer; or set DEVCLUSTER_JAVA_HOME to one; or let devcluster pull download one (network, HTTPS_PROXY)`,
    data: { tooOld: [...tooOld], tried: [...tried] },
  })
}
