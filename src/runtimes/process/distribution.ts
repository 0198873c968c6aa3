// Makes a distribution complete on this machine and says which files it consists of. Knows no service and starts nothing.
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { access, constants, copyFile, link, rename, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import type { Distribution, MavenArtifact } from '../../model/node.ts'
import type { FetchProgress } from '../../model/runtime.ts'
import { mapLimit } from '../../util/async.ts'
import { makeDir } from '../../util/fs.ts'
import { waitForLock } from '../../util/lock.ts'
import { download, sha256Of } from './download.ts'
import { fsFailure } from './fs-failure.ts'
import { parseCoordinate, repositoryPath } from './maven-coordinate.ts'
import { mavenPlaces } from './maven-repository.ts'

export type MavenDistribution = Extract<Distribution, { from: 'maven' }>

export interface FetchContext {
  readonly env: NodeJS.ProcessEnv
  /** `$DEVCLUSTER_CACHE` or its default. */
  readonly cache: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: FetchProgress) => void
}

const WIDTH = 8
const LOCK_WAIT_MS = 15 * 60_000

function cachedPath(cache: string, artifact: MavenArtifact): string {
  return join(cache, 'maven', repositoryPath(parseCoordinate(artifact.coordinate)))
}

/** Names a distribution's exact content; part of every cache key that depends on it. */
export function distributionHash(distribution: MavenDistribution): string {
  const hash = createHash('sha256')
  for (const artifact of distribution.artifacts) hash.update(`${artifact.coordinate} ${artifact.sha256}\n`)
  return hash.digest('hex').slice(0, 16)
}

function stampPath(cache: string, distribution: MavenDistribution): string {
  return join(cache, 'maven', '.complete', `${distribution.id}-${distributionHash(distribution)}`)
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

/** True when this distribution was verified here before (its stamp) and all its files still have their sizes. Hashes nothing. */
export function isComplete(cache: string, distribution: MavenDistribution): boolean {
  try {
    if (sizeOf(stampPath(cache, distribution)) === undefined) return false
    return distribution.artifacts.every((artifact) => sizeOf(cachedPath(cache, artifact)) === artifact.size)
  } catch {
    return false
  }
}

/** Class path in the artifacts' order (start-up archives are bound to it); of a distribution from Maven only. */
export function classPath(cache: string, distribution: MavenDistribution): string[] {
  return distribution.artifacts
    .filter((artifact) => parseCoordinate(artifact.coordinate).packaging === 'jar')
    .map((artifact) => cachedPath(cache, artifact))
}

/** A verified copy out of another local repository, by hard link where it can be. */
async function adopt(source: string, artifact: MavenArtifact, target: string): Promise<boolean> {
  const found = await stat(source).catch(() => undefined)
  if (found?.size !== artifact.size || (await sha256Of(source)) !== artifact.sha256) return false
  const temporary = `${target}.${process.pid}.tmp`
  await makeDir(dirname(target), 0o755)
  await rm(temporary, { force: true })
  await link(source, temporary).catch(() => copyFile(source, temporary))
  await rename(temporary, target)
  return true
}

async function fetchMissing(distribution: MavenDistribution, context: FetchContext): Promise<void> {
  const { cache, env, signal } = context
  const totalBytes = distribution.artifacts.reduce((sum, artifact) => sum + artifact.size, 0)
  let doneBytes = 0
  const advance = (delta: number) => {
    doneBytes += delta
    context.onProgress({ what: distribution.id, doneBytes: Math.max(0, doneBytes), totalBytes })
  }
  const places = await mavenPlaces(env)
  let remote: ReturnType<typeof places.remote> | undefined
  await mapLimit(distribution.artifacts, WIDTH, async (artifact) => {
    signal.throwIfAborted()
    const target = cachedPath(cache, artifact)
    if (sizeOf(target) !== undefined) {
      if ((await sha256Of(target)) === artifact.sha256) {
        advance(artifact.size)
        return
      }
      await rm(target, { force: true })
    }
    const path = repositoryPath(parseCoordinate(artifact.coordinate))
    if (await adopt(join(places.local, path), artifact, target)) {
      advance(artifact.size)
      return
    }
    remote ??= places.remote()
    const { url, headers } = await remote
    const address = new URL(path.replaceAll('+', '%2B'), url).href
    await download({
      url: address,
      headers,
      target,
      sha256: artifact.sha256,
      size: artifact.size,
      what: artifact.coordinate,
      signal,
      onBytes: advance,
    })
  })
}

async function ensureMaven(distribution: MavenDistribution, context: FetchContext): Promise<void> {
  if (isComplete(context.cache, distribution)) return
  const attempt = await waitForLock(join(context.cache, 'maven', '.lock'), {
    withinMs: LOCK_WAIT_MS,
    signal: context.signal,
    onWait: (holder) => context.onProgress({ what: `${distribution.id} (waiting for pid ${holder.pid}, which fetches too)`, doneBytes: 0 }),
  })
  if ('holder' in attempt) {
    throw new DevclusterError(
      'FETCH_FAILED',
      `${distribution.id}: the cache ${context.cache} is locked by pid ${attempt.holder.pid} (${attempt.holder.command})`,
      {
        hint: 'wait for that process or end it',
      },
    )
  }
  try {
    if (isComplete(context.cache, distribution)) return
    await fetchMissing(distribution, context)
    const stamp = stampPath(context.cache, distribution)
    await makeDir(dirname(stamp), 0o755)
    await writeFile(stamp, '')
  } finally {
    await attempt.lock.release()
  }
}

/** The full path of a program on PATH, or undefined. */
export async function findOnPath(program: string, path: string | undefined): Promise<string | undefined> {
  const candidates = isAbsolute(program)
    ? [program]
    : (path ?? '')
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, program))
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK)
      if ((await stat(candidate)).isFile()) return candidate
    } catch {
      // next folder
    }
  }
  return undefined
}

/**
 * Fetches what is missing of a distribution; at once when nothing is.
 * @throws DevclusterError FETCH_FAILED, CHECKSUM_MISMATCH, DISK_FULL, STATE_UNWRITABLE, RUNTIME_UNSUPPORTED (a program that is not on PATH).
 */
export async function ensureDistribution(distribution: Distribution, context: FetchContext): Promise<void> {
  if (distribution.from === 'maven') {
    try {
      await ensureMaven(distribution, context)
    } catch (error) {
      throw fsFailure(error, distribution.id, context.cache) ?? error
    }
    return
  }
  await programOf(distribution, context.env)
}

/** Path of a distribution's program. @throws DevclusterError RUNTIME_UNSUPPORTED with the command that would install it. */
export async function programOf(distribution: Extract<Distribution, { from: 'path' }>, env: NodeJS.ProcessEnv): Promise<string> {
  const found = await findOnPath(distribution.program, env['PATH'])
  if (found === undefined) {
    throw new DevclusterError('RUNTIME_UNSUPPORTED', `${distribution.id} needs the program ${distribution.program}, which is not on PATH`, {
      hint: distribution.hint,
    })
  }
  return found
}
