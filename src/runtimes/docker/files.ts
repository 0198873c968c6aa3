// A node's config files as one archive for the engine. Data files are left out: a container copies those in its own start script.
import { posix } from 'node:path'
import type { NodeSpec } from '../../model/node.ts'
import type { ContainerDetails } from './api.ts'
import type { Engine } from './engine.ts'
import { readAll } from './hot.ts'
import { firstFile, type TarEntry, writeTar } from './tar.ts'

interface Owner {
  readonly uid: number
  readonly gid: number
}

const ROOT: Owner = { uid: 0, gid: 0 }

/** Secret: nobody but its owner may read it. */
const isSecret = (mode: number) => (mode & 0o077) === 0

/** `1000`, `1000:1000`: numeric users need no look inside the image. */
export function numericOwner(user: string): Owner | undefined {
  const match = /^(\d+)(?::(\d+))?$/.exec(user)
  return match ? { uid: Number(match[1]), gid: Number(match[2] ?? 0) } : undefined
}

/** A user by name in the text of a passwd file (passwd(5)). */
export function ownerInPasswd(passwd: string, name: string): Owner | undefined {
  for (const line of passwd.split('\n')) {
    const [login, , uid, gid] = line.split(':')
    if (login === name && uid !== undefined && gid !== undefined && /^\d+$/.test(uid) && /^\d+$/.test(gid))
      return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}

/** Entries of the archive that is unpacked at `/`: the config folder and its files; secrets belong to the container's user. */
export function tarEntries(node: Pick<NodeSpec, 'files' | 'place'>, secretOwner: Owner): TarEntry[] {
  const base = node.place.dirs.config.replace(/^\/+|\/+$/g, '')
  const none = new Uint8Array()
  const entries: TarEntry[] = [{ path: `${base}/`, content: none, mode: 0o755, ...ROOT }]
  const folders = new Set<string>()
  for (const file of node.files) {
    if (file.dir !== 'config') continue
    const path = posix.normalize(file.path)
    if (path.startsWith('..') || posix.isAbsolute(path)) throw new Error(`a rendered file must stay in its folder: ${file.path}`)
    const parts = path.split('/').slice(0, -1)
    for (let depth = 1; depth <= parts.length; depth++) folders.add(parts.slice(0, depth).join('/'))
  }
  for (const folder of [...folders].sort()) entries.push({ path: `${base}/${folder}/`, content: none, mode: 0o755, ...ROOT })
  for (const file of node.files) {
    if (file.dir !== 'config') continue
    const mode = file.mode ?? 0o644
    const content = typeof file.content === 'string' ? Buffer.from(file.content, 'utf8') : Buffer.from(file.content.base64, 'base64')
    entries.push({ path: `${base}/${posix.normalize(file.path)}`, content, mode, ...(isSecret(mode) ? secretOwner : ROOT) })
  }
  return entries
}

/** The user the container runs as; a name is looked up in the image's own /etc/passwd. Root where nothing is known. */
async function containerUser(engine: Engine, container: ContainerDetails): Promise<Owner> {
  const user = container.Config.User ?? ''
  if (user === '' || user === 'root') return ROOT
  const numeric = numericOwner(user)
  if (numeric) return numeric
  const archive = await readAll(await engine.stream('GET', `/containers/${container.Id}/archive`, { query: { path: '/etc/passwd' } }))
  return ownerInPasswd(firstFile(archive)?.toString('utf8') ?? '', user.split(':')[0] ?? '') ?? ROOT
}

/** Puts the node's files into a container that has not started yet; nothing when there are none. */
export async function putFiles(engine: Engine, containerId: string, node: NodeSpec): Promise<void> {
  const files = node.files.filter((file) => file.dir === 'config')
  if (files.length === 0) return
  const hasSecrets = files.some((file) => isSecret(file.mode ?? 0o644))
  const owner = hasSecrets ? await containerUser(engine, await engine.get<ContainerDetails>(`/containers/${containerId}/json`)) : ROOT
  await engine.put(`/containers/${containerId}/archive`, {
    query: { path: '/' },
    body: writeTar(tarEntries(node, owner), Math.floor(Date.now() / 1000)),
    headers: { 'Content-Type': 'application/x-tar' },
  })
}
