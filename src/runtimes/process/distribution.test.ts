// Fetching against a repository on loopback that misbehaves on demand.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MavenArtifact } from '../../model/node.ts'
import { classPath, ensureDistribution, type FetchContext, isComplete, type MavenDistribution } from './distribution.ts'

const FIRST = 'org/toy/first/1.0/first-1.0.jar'

describe('distributions from Maven', () => {
  const content = new Map<string, Buffer>()
  let home: string
  let server: Server
  let requests: { path: string; range: string | undefined; authorization: string | undefined }[]
  let answer: (request: IncomingMessage, response: ServerResponse, body: Buffer, path: string) => void
  let context: FetchContext
  let distribution: MavenDistribution

  const plain = (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
    if (from === undefined) {
      response.writeHead(200, { 'content-length': body.length }).end(body)
      return
    }
    response.writeHead(206, { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }).end(body.subarray(Number(from)))
  }
  const artifact = (name: string, bytes: number): MavenArtifact => {
    const body = randomBytes(bytes)
    content.set(`/repo/org/toy/${name}/1.0/${name}-1.0.jar`, body)
    return { coordinate: `org.toy:${name}:1.0`, sha256: createHash('sha256').update(body).digest('hex'), size: bytes }
  }
  const cached = (path: string) => join(context.cache, 'maven', path)
  const count = (path: string) => requests.filter((request) => request.path.endsWith(path)).length

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'devcluster-test-'))
    requests = []
    content.clear()
    answer = plain
    server = createServer((request, response) => {
      const path = request.url ?? ''
      requests.push({ path, range: request.headers.range, authorization: request.headers.authorization })
      const body = content.get(path)
      if (body) answer(request, response, body, path)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    distribution = {
      from: 'maven',
      id: 'toy-1.0',
      artifacts: [artifact('first', 300_000), artifact('second', 5_000), artifact('third', 10)],
    }
    context = {
      env: { HOME: home, DEVCLUSTER_MAVEN_REPOSITORY: `http://user:secret@127.0.0.1:${port}/repo`, NO_PROXY: '127.0.0.1' },
      cache: join(home, 'cache'),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    }
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(home, { recursive: true, force: true })
  })

  it('all files must be fetched once, verified, and be the class path in their order', async () => {
    const progress: [number, number | undefined][] = []
    expect(isComplete(context.cache, distribution)).toBe(false)
    await ensureDistribution(distribution, { ...context, onProgress: (p) => progress.push([p.doneBytes, p.totalBytes]) })
    expect(isComplete(context.cache, distribution)).toBe(true)
    expect(progress.at(-1)).toEqual([305_010, 305_010])
    expect(classPath(context.cache, distribution).map((path) => readFileSync(path).length)).toEqual([300_000, 5_000, 10])
    expect(requests[0]?.authorization).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`)
    await ensureDistribution(distribution, context)
    expect(requests).toHaveLength(3)
  })

  it('a file that is lost from a complete cache must be fetched again, and only it', async () => {
    await ensureDistribution(distribution, context)
    await rm(cached(FIRST))
    expect(isComplete(context.cache, distribution)).toBe(false)
    await ensureDistribution(distribution, context)
    expect(requests).toHaveLength(4)
    expect(count(FIRST)).toBe(2)
  })

  it('an interrupted download must be resumed where it ended', async () => {
    let broken = false
    answer = (request, response, body, path) => {
      if (!path.endsWith(FIRST) || broken) plain(request, response, body)
      else {
        broken = true
        response.writeHead(200, { 'content-length': body.length })
        response.write(body.subarray(0, 100_000), () => response.destroy())
      }
    }
    await ensureDistribution(distribution, context)
    expect(count(FIRST)).toBe(2)
    expect(requests.findLast(({ path }) => path.endsWith(FIRST))?.range).toMatch(/^bytes=[1-9]\d*-$/)
    expect(isComplete(context.cache, distribution)).toBe(true)
  })

  it('a part of an earlier process must be resumed, also by a server that knows no ranges', async () => {
    const whole = content.get(`/repo/${FIRST}`) ?? Buffer.alloc(0)
    await mkdir(dirname(cached(FIRST)), { recursive: true })
    await writeFile(`${cached(FIRST)}.part`, whole.subarray(0, 1_000))
    answer = (_request, response, body) => response.writeHead(200, { 'content-length': body.length }).end(body)
    await ensureDistribution(distribution, context)
    expect(requests.find(({ path }) => path.endsWith(FIRST))?.range).toBe('bytes=1000-')
    expect(readFileSync(cached(FIRST)).equals(whole)).toBe(true)
  })

  it('a corrupt file must be discarded and fetched again', async () => {
    let corrupted = 0
    answer = (request, response, body, path) =>
      plain(request, response, path.endsWith(FIRST) && corrupted++ === 0 ? Buffer.alloc(body.length, 7) : body)
    await ensureDistribution(distribution, context)
    expect(corrupted).toBe(2)
    expect(isComplete(context.cache, distribution)).toBe(true)
  })

  it('a file that is wrong twice must be CHECKSUM_MISMATCH and leave no file', async () => {
    answer = (request, response, body, path) => plain(request, response, path.endsWith(FIRST) ? Buffer.alloc(body.length, 7) : body)
    await expect(ensureDistribution(distribution, context)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
    expect(count(FIRST)).toBe(2)
    expect(readdirSync(dirname(cached(FIRST)))).toEqual([])
  })

  it('a file that is too long must be refused before it is read to its end', async () => {
    answer = (_request, response, body) => response.writeHead(200).end(Buffer.concat([body, randomBytes(100_000)]))
    await expect(ensureDistribution(distribution, context)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
  })

  it('an absent file must name what and where, without credentials', async () => {
    content.delete(`/repo/${FIRST}`)
    const failure = await ensureDistribution(distribution, context).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'FETCH_FAILED' })
    expect(String(failure)).toContain('org.toy:first:1.0')
    expect(String(failure)).toContain('HTTP 404')
    expect(String(failure)).not.toContain('secret')
    expect(count(FIRST)).toBe(1)
  })

  it('a server that is overloaded for a moment must be asked again', async () => {
    let refused = 0
    answer = (request, response, body, path) =>
      path.endsWith(FIRST) && refused++ < 2 ? void response.writeHead(503).end() : plain(request, response, body)
    await ensureDistribution(distribution, context)
    expect(refused).toBe(3)
  })

  it('an unreachable repository must be FETCH_FAILED naming it', async () => {
    const env = { ...context.env, DEVCLUSTER_MAVEN_REPOSITORY: 'http://user:secret@127.0.0.1:9/repo' }
    const failure = await ensureDistribution(distribution, { ...context, env }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'FETCH_FAILED' })
    expect(String(failure)).toMatch(/127\.0\.0\.1:9\/repo\/org\/toy\//)
    expect(String(failure)).not.toContain('secret')
  })

  it('the local repository must serve what is right in it, and nothing else', async () => {
    const local = join(home, '.m2', 'repository')
    const put = async (path: string, body: Buffer) => {
      await mkdir(dirname(join(local, path)), { recursive: true })
      await writeFile(join(local, path), body)
    }
    await put(FIRST, content.get(`/repo/${FIRST}`) ?? Buffer.alloc(0))
    await put('org/toy/second/1.0/second-1.0.jar', Buffer.alloc(5_000, 7))
    await ensureDistribution(distribution, context)
    expect(requests.map(({ path }) => path).sort((a, b) => (a < b ? -1 : 1))).toEqual([
      '/repo/org/toy/second/1.0/second-1.0.jar',
      '/repo/org/toy/third/1.0/third-1.0.jar',
    ])
  })

  it('two at the same time must fetch once', async () => {
    answer = (request, response, body) => void setTimeout(() => plain(request, response, body), 50)
    await Promise.all([ensureDistribution(distribution, context), ensureDistribution(distribution, context)])
    expect(requests).toHaveLength(3)
  })

  it('an abort must end a slow download at once and keep its part', async () => {
    const stop = new AbortController()
    answer = (_request, response, body, path) => {
      response.writeHead(200, { 'content-length': body.length })
      response.write(body.subarray(0, path.endsWith(FIRST) ? 50_000 : 5))
    }
    const fetching = ensureDistribution(distribution, {
      ...context,
      signal: stop.signal,
      onProgress: ({ doneBytes }) => doneBytes > 50_000 && stop.abort(new Error('enough')),
    })
    await expect(fetching).rejects.toThrow('enough')
    expect((await stat(`${cached(FIRST)}.part`)).size).toBeGreaterThan(0)
    expect(existsSync(cached(FIRST))).toBe(false)
  })

  it('a cache that cannot be written must be STATE_UNWRITABLE', async () => {
    await writeFile(join(home, 'file'), '')
    await expect(ensureDistribution(distribution, { ...context, cache: join(home, 'file', 'cache') })).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
    })
  })

  it.runIf(existsSync('/dev/full'))('a full disk must be DISK_FULL', async () => {
    const { symlink } = await import('node:fs/promises')
    await mkdir(dirname(cached(FIRST)), { recursive: true })
    await symlink('/dev/full', `${cached(FIRST)}.part`)
    await expect(ensureDistribution(distribution, context)).rejects.toMatchObject({ code: 'DISK_FULL' })
  })
})
