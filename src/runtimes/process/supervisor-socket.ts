// Where a cluster's supervisor listens: a folder of its own with a short path, as sun_path holds 108 bytes on Linux and 104 on macOS (unix(7)).
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const LONGEST = 100

/** Socket path of a cluster's supervisor; makes its folder (0700, ours). @throws Error when the folder belongs to somebody else. */
export function socketPath(stateDir: string): string {
  const name = `${createHash('sha256').update(stateDir).digest('hex').slice(0, 16)}.sock`
  const { uid } = userInfo()
  const folders = [tmpdir(), '/tmp'].map((base) => join(base, `devcluster-${uid}`))
  const folder = folders.find((candidate) => Buffer.byteLength(join(candidate, name)) <= LONGEST) ?? join('/tmp', `devcluster-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || (uid >= 0 && stat.uid !== uid) || (stat.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a private folder of this user`)
  }
  return join(folder, name)
}
