// Downloads one file: resumed from its .part file, hashed while it arrives, retried when the line breaks. Knows nothing of Maven.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DevclusterError, messageOf } from '../../errors.ts'
import { delay } from '../../util/async.ts'
import { makeDir } from '../../util/fs.ts'
import { fsFailure } from './fs-failure.ts'

export interface DownloadRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Final path; the unfinished file is `<target>.part` beside it. */
  readonly target: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  /** What it is, for messages. */
  readonly what: string
  readonly signal: AbortSignal
  /** Bytes added, negative when a part was thrown away. */
  readonly onBytes: (delta: number) => void
}

const RETRIES = 4
const IDLE_MS = 30_000

/** What to do after a try that gave no file. */
class Retry extends Error {}

async function makeDispatcher() {
  const { EnvHttpProxyAgent, fetch } = await import('undici')
  // HTTP_PROXY, HTTPS_PROXY and NO_PROXY in either case are read by the agent; extra CAs by Node (NODE_EXTRA_CA_CERTS).
  return {
    fetch,
    dispatcher: new EnvHttpProxyAgent({ connectTimeout: 10_000, headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS, connections: 8 }),
  }
}
let shared: ReturnType<typeof makeDispatcher> | undefined

function withoutCredentials(url: string): string {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.search = ''
  return clean.href
}

async function hashOf(path: string, into: Hash): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) into.update(chunk)
}

/** SHA-256 of a file in hex; undefined when it cannot be read. */
export async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    await hashOf(path, hash)
  } catch {
    return undefined
  }
  return hash.digest('hex')
}

async function receive(
  handle: FileHandle,
  hash: Hash,
  body: AsyncIterable<Uint8Array>,
  request: DownloadRequest,
  have: number,
): Promise<number> {
  let total = have
  for await (const chunk of body) {
    total += chunk.byteLength
    if (total > request.size) return total
    hash.update(chunk)
    let written = 0
    while (written < chunk.byteLength) written += (await handle.write(chunk, written)).bytesWritten
    request.onBytes(chunk.byteLength)
  }
  return total
}

/** One try. Returns the hash of the whole file; throws Retry when another try can help. */
async function attempt(request: DownloadRequest, part: string): Promise<string> {
  const hash = createHash('sha256')
  let have = (await stat(part).catch(() => undefined))?.size ?? 0
  if (have > request.size) have = 0
  if (have > 0) {
    await hashOf(part, hash)
    if (have === request.size) return hash.digest('hex')
  }
  shared ??= makeDispatcher()
  const { fetch, dispatcher } = await shared
  const where = withoutCredentials(request.url)
  let response: Awaited<ReturnType<typeof fetch>>
  try {
    response = await fetch(request.url, {
      dispatcher,
      signal: request.signal,
      // identity: a compressed answer would make byte ranges and sizes lie.
      headers: { ...request.headers, 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
    })
  } catch (error) {
    request.signal.throwIfAborted()
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    throw new Retry(`${where}: ${messageOf(cause)}`)
  }
  const resumed = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true
  if (response.status !== 200 && !resumed) {
    await response.body?.cancel().catch(() => undefined)
    if (response.status === 416 || response.status === 206) {
      await rm(part, { force: true })
      request.onBytes(-have)
      throw new Retry(`${where}: the server refused to resume`)
    }
    if (response.status >= 500 || response.status === 408 || response.status === 429) throw new Retry(`${where}: HTTP ${response.status}`)
    throw new DevclusterError('FETCH_FAILED', `${request.what} was refused by ${where}: HTTP ${response.status}`, {
      hint:
        response.status === 401 || response.status === 403 || response.status === 407
          ? 'check the credentials of the repository or proxy'
          : 'check DEVCLUSTER_MAVEN_REPOSITORY and the mirrors in ~/.m2/settings.xml',
    })
  }
  const whole = resumed ? hash : createHash('sha256')
  if (!resumed && have > 0) request.onBytes(-have)
  if (!response.body) throw new Retry(`${where}: empty answer`)
  const handle = await open(part, resumed ? 'a' : 'w', 0o644)
  let total: number
  try {
    total = await receive(handle, whole, response.body, request, resumed ? have : 0)
  } catch (error) {
    request.signal.throwIfAborted()
    const coded = fsFailure(error, request.what, part)
    if (coded) throw coded
    throw new Retry(`${where}: ${messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error)}`)
  } finally {
    await handle.close()
  }
  if (total < request.size) throw new Retry(`${where}: ended after ${total} of ${request.size} bytes`)
  return whole.digest('hex')
}

async function untilComplete(request: DownloadRequest, part: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(request, part)
    } catch (error) {
      if (!(error instanceof Retry)) throw error
      if (tries >= RETRIES) {
        throw new DevclusterError('FETCH_FAILED', `${request.what} could not be downloaded from ${error.message}`, {
          hint: 'check the network and HTTPS_PROXY, or name a reachable repository by DEVCLUSTER_MAVEN_REPOSITORY; the next try resumes',
        })
      }
      await delay(100 * 2 ** tries, request.signal)
    }
  }
}

/**
 * Downloads and verifies; the target appears only when it is whole and right.
 * @throws DevclusterError FETCH_FAILED, CHECKSUM_MISMATCH (wrong twice), DISK_FULL, STATE_UNWRITABLE; the signal's reason.
 */
export async function download(request: DownloadRequest): Promise<void> {
  const part = `${request.target}.part`
  try {
    await makeDir(dirname(request.target), 0o755)
    let got = ''
    for (let round = 0; round < 2; round++) {
      const already = (await stat(part).catch(() => undefined))?.size ?? 0
      if (round === 0 && already > 0 && already <= request.size) request.onBytes(already)
      got = await untilComplete(request, part)
      if (got === request.sha256) {
        await rename(part, request.target)
        return
      }
      const bad = (await stat(part).catch(() => undefined))?.size ?? 0
      await rm(part, { force: true })
      request.onBytes(-bad)
    }
    throw new DevclusterError(
      'CHECKSUM_MISMATCH',
      `${request.what} from ${withoutCredentials(request.url)} has SHA-256 ${got}, expected ${request.sha256}`,
      {
        hint: 'the file was discarded twice: the repository or a proxy changes it; try another by DEVCLUSTER_MAVEN_REPOSITORY',
        data: { expected: request.sha256, actual: got },
      },
    )
  } catch (error) {
    throw fsFailure(error, request.what, part) ?? error
  }
}
