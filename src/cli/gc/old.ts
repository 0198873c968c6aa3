// Finds files that nobody has used for long: start-up archives, unfinished downloads, leftovers of failed ups. Software itself is kept:
// without it the next up would need the network.
import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson } from '../../util/fs.ts'
import { cacheHome, stateHome } from '../../util/paths.ts'

export interface OldThing {
  readonly path: string
  readonly bytes: number
  readonly because: string
}

const DAY_MS = 86_400_000
const UNUSED_DAYS = 30
const UNFINISHED_DAYS = 7

async function entries(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).map((name) => join(dir, name))
}

/** Bytes of a file or of all below a folder, and when any of it was last written (or, with `reads`, read), epoch ms. */
async function sizeAndUse(path: string, reads: boolean): Promise<{ bytes: number; usedAt: number }> {
  const info = await stat(path)
  let bytes = info.isDirectory() ? 0 : info.size
  let usedAt = Math.max(info.mtimeMs, info.isDirectory() || !reads ? 0 : info.atimeMs)
  for (const child of info.isDirectory() ? await entries(path) : []) {
    const inner = await sizeAndUse(child, reads)
    bytes += inner.bytes
    usedAt = Math.max(usedAt, inner.usedAt)
  }
  return { bytes, usedAt }
}

async function unusedFor(
  days: number,
  paths: readonly string[],
  because: string,
  { now, reads }: { now: number; reads: boolean },
): Promise<OldThing[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      // Gone meanwhile, or not ours to look into.
      const known = await sizeAndUse(path, reads).catch(() => undefined)
      return known && now - known.usedAt > days * DAY_MS ? { path, bytes: known.bytes, because } : undefined
    }),
  )
  return found.flatMap((thing) => thing ?? [])
}

async function below(dir: string, ends: (name: string) => boolean, depth = 8): Promise<string[]> {
  const items = await readdir(dir, { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    items.map(async (item) => {
      const path = join(dir, item.name)
      if (item.isDirectory()) return depth > 0 ? below(path, ends, depth - 1) : []
      return ends(item.name) ? [path] : []
    }),
  )
  return found.flat()
}

/** State folders that hold no cluster and no node: reports of failed ups, port claims of what never ran. */
async function leftovers(env: NodeJS.ProcessEnv): Promise<string[]> {
  const found: string[] = []
  for (const dir of await entries(join(stateHome(env), 'clusters'))) {
    const names = await readdir(dir).catch(() => ['unreadable'])
    if (names.every((name) => name === 'reports' || name === 'ports.json')) found.push(dir)
  }
  return found
}

/** Folder of the cluster file that the newest report names; undefined where none does. */
async function sourceOf(leftover: string): Promise<string | undefined> {
  const reports = await entries(join(leftover, 'reports'))
  const value = await readJson(join(reports.sort().at(-1) ?? leftover, 'report.json'))
  return typeof value === 'object' && value !== null && 'dir' in value && typeof value.dir === 'string' ? value.dir : undefined
}

async function oldLeftovers(env: NodeJS.ProcessEnv, now: number): Promise<OldThing[]> {
  // Looking into a report, as is done here, must not make it young.
  const how = { now, reads: false }
  const found: OldThing[] = []
  for (const path of await leftovers(env)) {
    const source = await sourceOf(path)
    if (source !== undefined && !existsSync(source)) {
      const known = await sizeAndUse(path, false).catch(() => undefined)
      if (known) found.push({ path, bytes: known.bytes, because: `its folder ${source} is gone` })
    } else if ((await entries(join(path, 'reports'))).length > 0) {
      found.push(...(await unusedFor(UNUSED_DAYS, [path], `reports older than ${UNUSED_DAYS} days`, how)))
    } else {
      // Not younger: an up that is being prepared looks the same.
      found.push(...(await unusedFor(UNFINISHED_DAYS, [path], `nothing ran there for ${UNFINISHED_DAYS} days`, how)))
    }
  }
  return found
}

export async function findOld(env: NodeJS.ProcessEnv, now: number = Date.now()): Promise<OldThing[]> {
  const cache = cacheHome(env)
  const [archives, partial, leftover] = await Promise.all([
    entries(join(cache, 'archives')),
    below(cache, (name) => /\.(part|partial|tmp)$/.test(name)),
    oldLeftovers(env, now),
  ])
  return [
    ...(await unusedFor(UNUSED_DAYS, archives, `start-up archive unused for ${UNUSED_DAYS} days`, { now, reads: true })),
    ...(await unusedFor(UNFINISHED_DAYS, partial, `unfinished for ${UNFINISHED_DAYS} days`, { now, reads: true })),
    ...leftover,
  ]
}

export async function removeOld(thing: OldThing): Promise<void> {
  await rm(thing.path, { recursive: true, force: true })
}
