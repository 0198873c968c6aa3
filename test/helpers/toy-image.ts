// A tiny image for tests of the docker runtime, made from this machine's own programs (node, sh, cat, sleep, grep) and their libraries: no
// registry, no builder. Linux only, as the engine's containers are.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import type { Engine } from '../../src/runtimes/docker/engine.ts'
import { orAbsent } from '../../src/runtimes/docker/engine.ts'
import { type TarEntry, writeTar } from '../../src/runtimes/docker/tar.ts'

export const TOY_IMAGE = 'devcluster-test/self-made:latest'

function librariesOf(program: string): string[] {
  const text = execFileSync('ldd', [program], { encoding: 'utf8' })
  return [...text.matchAll(/(?:=>\s+)?(\/\S+)\s+\(0x/g)].flatMap((match) => match[1] ?? [])
}

function rootFileSystem(): Buffer {
  const root = { uid: 0, gid: 0 }
  const none = new Uint8Array()
  const entries: TarEntry[] = ['tmp/', 'var/', 'var/lib/', 'var/log/', 'etc/', 'proc/', 'sys/', 'dev/'].map((path) => ({
    path,
    content: none,
    mode: path === 'tmp/' ? 0o1777 : 0o755,
    ...root,
  }))
  const programs: Readonly<Record<string, string>> = {
    'bin/node': process.execPath,
    'bin/sh': '/bin/sh',
    'bin/cat': '/bin/cat',
    'bin/sleep': '/bin/sleep',
    'bin/grep': '/bin/grep',
  }
  const libraries = new Set(Object.values(programs).flatMap(librariesOf))
  for (const [path, source] of Object.entries(programs))
    entries.push({ path, content: readFileSync(realpathSync(source)), mode: 0o755, ...root })
  for (const library of libraries)
    entries.push({ path: library.slice(1), content: readFileSync(realpathSync(library)), mode: 0o755, ...root })
  entries.push({
    path: 'etc/passwd',
    content: Buffer.from('root:x:0:0:root:/:/bin/sh\ntoy:x:1234:1235:toy:/tmp:/bin/sh\n'),
    mode: 0o644,
    ...root,
  })
  entries.push({ path: 'data/', content: none, mode: 0o777, ...root })
  return writeTar(entries, 0)
}

/** Makes the image unless the engine has it. It carries the stand-in label. */
export async function ensureToyImage(engine: Engine): Promise<string> {
  if (await orAbsent(engine.get(`/images/${TOY_IMAGE}/json`))) return TOY_IMAGE
  const [repo, tag] = TOY_IMAGE.split(':')
  const changes = ['ENV PATH=/bin', 'LABEL devcluster.standin=true'].map((line) => `changes=${encodeURIComponent(line)}`).join('&')
  const body = await engine.stream('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}&${changes}`, {
    body: rootFileSystem(),
    headers: { 'Content-Type': 'application/x-tar' },
  })
  for await (const chunk of body) if (String(chunk).includes('"error"')) throw new Error(String(chunk))
  return TOY_IMAGE
}

/** True where the toy image can be made. */
export const canMakeToyImage = (): boolean => process.platform === 'linux' && existsSync('/bin/sh')
