// Brings the jars of a lock file into a cache folder: verified by SHA-256, eight at a time, from ~/.m2 where they are there.
// Resumes nothing: a jar is small, and what is complete stays.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** File name of a coordinate `group:artifact:version[:classifier]`. */
export function jarName(coordinate) {
  return coordinate.split(':').slice(1).join('-') + '.jar'
}

/** @returns {Promise<string[]>} absolute paths in the order of the lock. Throws with the coordinate that could not be had. */
export async function fetchArtifacts(lock, cacheDir) {
  const files = lock.artifacts.map(() => '')
  let next = 0
  let net
  const worker = async () => {
    while (next < lock.artifacts.length) {
      const at = next++
      const { coordinate, sha256 } = lock.artifacts[at]
      // The checksum is part of the place, so another content of the same name can never be taken for this one.
      const file = join(cacheDir, 'jars', sha256.slice(0, 16), jarName(coordinate))
      files[at] = file
      if (existsSync(file)) continue
      const bytes = (await fromLocalRepository(coordinate, sha256)) ?? (await download(coordinate, sha256, (net ??= await network())))
      await mkdir(dirname(file), { recursive: true })
      await writeFile(`${file}.${process.pid}`, bytes)
      await rename(`${file}.${process.pid}`, file)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return files
}

function parts(coordinate) {
  const [groupId, artifactId, version, classifier] = coordinate.split(':')
  return classifier ? { groupId, artifactId, version, classifier, extension: 'jar' } : { groupId, artifactId, version, extension: 'jar' }
}

const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')

async function fromLocalRepository(coordinate, sha256) {
  const { groupId, artifactId, version } = parts(coordinate)
  const file = join(homedir(), '.m2', 'repository', ...groupId.split('.'), artifactId, version, jarName(coordinate))
  const bytes = await readFile(file).catch(() => undefined)
  return bytes && hash(bytes) === sha256 ? bytes : undefined
}

/** Proxies of the environment are honoured; the default repository's address is the library's. */
async function network() {
  const { EnvHttpProxyAgent, fetch } = await import('undici')
  const { default: library } = await import('mvn-artifact-url')
  const artifactUrl = library.default ?? library
  return { fetch, dispatcher: new EnvHttpProxyAgent(), artifactUrl }
}

async function download(coordinate, sha256, { fetch, dispatcher, artifactUrl }) {
  const base = process.env.DEVCLUSTER_MAVEN_REPOSITORY
  const url = await artifactUrl(parts(coordinate), base && `${base.replace(/\/+$/, '')}/`)
  let why = ''
  for (let attempt = 1; attempt <= 4; attempt++) {
    try {
      const response = await fetch(url, { dispatcher, signal: AbortSignal.timeout(120_000) })
      if (!response.ok)
        throw Object.assign(new Error(`${url} answered ${response.status}`), { final: response.status < 500 && response.status !== 429 })
      const bytes = Buffer.from(await response.arrayBuffer())
      if (hash(bytes) !== sha256) throw new Error(`${url} has another checksum than the lock file`)
      return bytes
    } catch (error) {
      why = error.cause?.message ?? error.message
      if (error.final) break
      await new Promise((wake) => setTimeout(wake, 500 * attempt))
    }
  }
  throw new Error(`cannot fetch ${coordinate}: ${why}`)
}
