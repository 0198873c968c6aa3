// Small file operations that leave either the old or the new content, never half of it.
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it; content when it is there. Not Node's own recursive form: that one tries for ever where a system
 * answers ENOENT below a folder that exists, as /proc does.
 */
export async function makeDir(path: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (hasErrno(error, 'EEXIST') && (await stat(path)).isDirectory()) return
    if (!hasErrno(error, 'ENOENT') || dirname(path) === path) throw error
    await makeDir(dirname(path), mode)
    // Another process may have made it meanwhile.
    await mkdir(path, { mode }).catch((again: unknown) => {
      if (!hasErrno(again, 'EEXIST')) throw again
    })
  }
}

/** Writes to a temporary sibling, syncs, renames. Creates the folder (0700). */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await makeDir(dirname(path))
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 10)}.tmp`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Parsed JSON, or undefined when the file is absent or not JSON (a torn write by something else). */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** True for an errno of this name. */
export function hasErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
