// An advisory lock file that names its holder by pid and start time; a dead holder's lock is broken. Not for network file systems.
import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasErrno, makeDir } from './fs.ts'
import { isAlive, selfIdentity } from './process-identity.ts'

export interface LockHolder {
  readonly pid: number
  readonly startedAt: string
  readonly command: string
}

export interface Lock {
  release(): Promise<void>
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && 'pid' in value && 'startedAt' in value && 'command' in value) {
      const { pid, startedAt, command } = value
      if (typeof pid === 'number' && typeof startedAt === 'string' && typeof command === 'string') return { pid, startedAt, command }
    }
  } catch {
    // fall through: link() publishes whole content only, so this is a foreign file
  }
  return undefined
}

/** Takes the lock or says who holds it. */
export async function tryLock(path: string): Promise<{ lock: Lock } | { holder: LockHolder }> {
  await makeDir(dirname(path))
  const me = selfIdentity()
  const token = `${process.pid}.${randomBytes(6).toString('hex')}`
  const mine = `${path}.${token}`
  await writeFile(mine, JSON.stringify({ ...me, token }), { mode: 0o600 })
  try {
    for (;;) {
      try {
        await link(mine, path)
        return {
          lock: {
            release: async () => {
              // Only our own lock: after a takeover the path may belong to someone else.
              const current = await readFile(path, 'utf8').catch(() => '')
              if (current.includes(token)) await rm(path, { force: true })
            },
          },
        }
      } catch (error) {
        if (!hasErrno(error, 'EEXIST')) throw error
      }
      const text = await readFile(path, 'utf8').catch(() => undefined)
      if (text === undefined) continue
      const holder = parseHolder(text)
      if (holder && isAlive(holder.pid, holder.startedAt)) return { holder }
      // Break the dead holder's lock: move it aside, and put it back if it was not the one we judged.
      const aside = `${path}.stale.${randomBytes(6).toString('hex')}`
      try {
        await rename(path, aside)
      } catch (error) {
        if (hasErrno(error, 'ENOENT')) continue
        throw error
      }
      if ((await readFile(aside, 'utf8').catch(() => '')) !== text) await link(aside, path).catch(() => undefined)
      await rm(aside, { force: true })
    }
  } finally {
    await rm(mine, { force: true })
  }
}

/**
 * Waits for the lock up to `withinMs`. `onWait` is told the holder once.
 * @returns the lock, or the holder when time ran out.
 */
export async function waitForLock(
  path: string,
  options: { withinMs: number; signal?: AbortSignal; onWait?: (holder: LockHolder) => void },
): Promise<{ lock: Lock } | { holder: LockHolder }> {
  const deadline = performance.now() + options.withinMs
  let told = false
  for (;;) {
    const attempt = await tryLock(path)
    if ('lock' in attempt || performance.now() >= deadline) return attempt
    if (!told) options.onWait?.(attempt.holder)
    told = true
    options.signal?.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
