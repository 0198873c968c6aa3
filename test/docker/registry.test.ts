// Pulling from a real registry on loopback: progress, mirrors, digests, credentials, and every way it can fail there.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isDevclusterError } from '../../src/errors.ts'
import type { ClusterRef, FetchProgress } from '../../src/model/runtime.ts'
import type { ContainerDetails } from '../../src/runtimes/docker/api.ts'
import { authHeader } from '../../src/runtimes/docker/credentials.ts'
import { isStatus } from '../../src/runtimes/docker/engine.ts'
import { readAll } from '../../src/runtimes/docker/hot.ts'
import { createDockerRuntime } from '../../src/runtimes/docker/index.ts'
import { writeTar } from '../../src/runtimes/docker/tar.ts'
import { engineForTests, testCluster, testNode, testShape, testSpec } from '../helpers/engine.ts'
import { ensureToyImage, TOY_IMAGE } from '../helpers/toy-image.ts'

const REGISTRY = 'docker-registry'

function hasRegistry(): boolean {
  try {
    execFileSync(REGISTRY, ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    if (process.env['DEVCLUSTER_REQUIRE_DOCKER'] === '1') throw error
    process.stderr.write(`\n*** registry suite SKIPPED: no program ${REGISTRY} on PATH\n\n`)
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

const statusOf = (port: number) =>
  new Promise<number>((resolve) => {
    request({ host: '127.0.0.1', port, path: '/v2/' }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .once('error', () => resolve(0))
      .end()
  })

/** bcrypt of `secret`, as an htpasswd file holds it. */
const SECRET_HASH = '$2y$05$FrpvAHz.U.N5IibRn9WyY.96yNiDOw0VDjlXvH6vsoo4ig9QAqRsi'

interface Registry {
  readonly host: string
  end(): void
}

/** A registry with its own storage; with `user` it demands this one, password `secret`. */
async function serveRegistry(folder: string, user?: string): Promise<Registry> {
  const port = await freePort()
  const config = join(folder, `config-${port}.yml`)
  const htpasswd = join(folder, 'htpasswd')
  if (user) writeFileSync(htpasswd, `${user}:${SECRET_HASH}\n`)
  const auth = user ? `auth: { htpasswd: { realm: test, path: ${htpasswd} } }\n` : ''
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${join(folder, 'storage')} } }\nhttp: { addr: 127.0.0.1:${port} }\n${auth}`,
  )
  const child: ChildProcess = spawn(REGISTRY, ['serve', config], { stdio: 'ignore' })
  for (let tries = 0; (await statusOf(port)) === 0; tries++) {
    if (tries > 200) throw new Error('the registry does not answer')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return { host: `127.0.0.1:${port}`, end: () => void child.kill('SIGKILL') }
}

const connection = await engineForTests()
const usable = connection !== undefined && hasRegistry()

describe.skipIf(!usable)('pulling', () => {
  const runtime = createDockerRuntime()
  const signal = AbortSignal.timeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'devcluster-registry-'))
  let registry: Registry
  const engine = () => {
    if (!connection) throw new Error('no engine')
    return connection.engine
  }

  const drop = async (reference: string) => {
    await engine()
      .delete(`/images/${reference}`, { query: { force: true } })
      .catch((error: unknown) => {
        if (!isStatus(error, 404)) throw error
      })
  }
  /** Pushes the toy image and forgets it under that name. */
  const push = async (host: string, path: string, tag: string) => {
    const [repo] = [`${host}/${path}`]
    await engine().post(`/images/${TOY_IMAGE}/tag`, { query: { repo, tag } })
    const auth = authHeader({ username: 'me', password: 'secret', serveraddress: host })
    const said = (
      await readAll(await engine().stream('POST', `/images/${repo}/push`, { query: { tag }, headers: { 'X-Registry-Auth': auth } }))
    ).toString()
    if (said.includes('"error"')) throw new Error(said)
    await drop(`${repo}:${tag}`)
  }
  const nodeOf = (image: string, id = 'toy-1') => {
    const shape = testShape(id)
    return testNode(
      shape,
      { [id]: { ports: {}, dirs: { config: '/etc/devcluster', data: '/data', logs: '/var/log' } } },
      image,
      'setInterval(() => {}, 1000)',
    )
  }
  const pull = async (ref: ClusterRef, image: string, always = false): Promise<FetchProgress[]> => {
    const seen: FetchProgress[] = []
    await runtime.fetch(ref, [nodeOf(image)], { always }, signal, (progress) => seen.push(progress))
    return seen
  }
  const failure = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (!isDevclusterError(error)) throw new Error(`expected an error of ours, got ${String(error)}`)
    return error
  }

  beforeAll(async () => {
    await ensureToyImage(engine())
    registry = await serveRegistry(folder)
    await push(registry.host, 'team/toy', '1')
    await push(registry.host, 'library/plain', '2')
  })
  afterAll(async () => {
    for (const path of ['team/toy:1', 'library/plain:2']) await drop(`${registry.host}/${path}`)
    registry.end()
    rmSync(folder, { recursive: true, force: true })
  })

  test('an image of a mirrored registry is pulled and used under the mirror’s name only, with its digest recorded', async () => {
    const ref = testCluster({ mirrors: { 'docker.io': registry.host } })
    try {
      await pull(ref, 'team/toy:1')
      await expect(engine().get('/images/team/toy:1/json')).rejects.toMatchObject({ status: 404 })
      const image = await engine().get<{ RepoDigests: string[]; RepoTags: string[] }>(`/images/${registry.host}/team/toy:1/json`)
      expect(image.RepoTags).toContain(`${registry.host}/team/toy:1`)
      const shape = testShape('toy-1')
      const placement = await runtime.place(ref, testSpec(ref), [shape], { observed: { nodes: {}, data: [] } })
      await runtime.start(ref, testNode(shape, placement, 'team/toy:1', 'setInterval(() => {}, 1000)'), signal)
      const container = await engine().get<ContainerDetails & { Config: { Image: string } }>(`/containers/devcluster-${ref.id}-toy-1/json`)
      expect(container.Config.Image).toBe(`${registry.host}/team/toy:1`)
      expect(container.Config.Labels?.['devcluster.image']).toBe('team/toy:1')
      expect(image.RepoDigests).toContain(`${registry.host}/team/toy@${container.Config.Labels?.['devcluster.digest']}`)
      expect((await runtime.observe(ref)).nodes['toy-1']?.standIn).toBe(true)
    } finally {
      await runtime.destroy(ref, { keepData: false })
      await ref.dispose()
    }
  })

  test('a familiar name is found below library/ of the mirror, and a pull by digest works', async () => {
    const ref = testCluster({ mirrors: { 'docker.io': `http://${registry.host}/` } })
    await pull(ref, 'plain:2')
    const image = await engine().get<{ RepoDigests: string[] }>(`/images/${registry.host}/library/plain:2/json`)
    const digest = image.RepoDigests.find((one) => one.startsWith(`${registry.host}/library/plain@`))?.split('@')[1]
    await drop(`${registry.host}/library/plain:2`)
    await pull(ref, `plain@${digest}`)
    expect(await engine().get(`/images/${registry.host}/library/plain@${digest}/json`)).toMatchObject({
      Id: expect.stringMatching(/^sha256:/),
    })
    await drop(`${registry.host}/library/plain@${digest}`)
    await ref.dispose()
  })

  test('an image that is there is not asked for again, unless always', async () => {
    const ref = testCluster()
    const image = `${registry.host}/team/toy:1`
    await pull(ref, image)
    registry.end()
    await pull(ref, image)
    const error = await failure(pull(ref, image, true))
    expect(error).toMatchObject({ code: 'FETCH_FAILED', node: 'toy-1', data: { cause: 'network', image } })
    registry = { ...(await serveRegistry(folder)), host: registry.host }
    await ref.dispose()
  })

  test('a tag that does not exist is FETCH_FAILED and names image and nodes', async () => {
    const fresh = await serveRegistry(folder)
    try {
      const ref = testCluster({ mirrors: { 'docker.io': fresh.host } })
      const error = await failure(
        runtime.fetch(ref, [nodeOf('team/toy:9', 'a'), nodeOf('team/toy:9', 'b')], { always: false }, signal, () => undefined),
      )
      expect(error).toMatchObject({ code: 'FETCH_FAILED', data: { cause: 'not-found', nodes: ['a', 'b'] } })
      expect(error.message).toContain(`${fresh.host}/team/toy:9 for a, b: the registry does not have it`)
      expect(await failure(pull(ref, 'Team/TOY:9'))).toMatchObject({ code: 'FETCH_FAILED', data: { cause: 'reference' } })
      await ref.dispose()
    } finally {
      fresh.end()
    }
  })

  test('progress counts bytes up to a known total', async () => {
    const fresh = await serveRegistry(folder)
    const ref = testCluster()
    try {
      const image = `${fresh.host}/team/unique:1`
      // Content the engine has never seen, too random to shrink.
      const noise = writeTar([{ path: 'noise', content: randomBytes(8e6), mode: 0o644, uid: 0, gid: 0 }], 0)
      const imported = {
        query: { fromSrc: '-', repo: `${fresh.host}/team/unique`, tag: '1' },
        body: noise,
        headers: { 'Content-Type': 'application/x-tar' },
      }
      await readAll(await engine().stream('POST', '/images/create', imported))
      await readAll(
        await engine().stream('POST', `/images/${fresh.host}/team/unique/push`, {
          query: { tag: '1' },
          headers: { 'X-Registry-Auth': 'e30=' },
        }),
      )
      await drop(image)
      const seen = await pull(ref, image)
      const last = seen.at(-1)
      expect(last?.what).toBe(image)
      expect(last?.totalBytes).toBeGreaterThan(8e6)
      expect(last?.doneBytes).toBe(last?.totalBytes)
      expect(seen.every((one, index) => one.doneBytes >= (seen[index - 1]?.doneBytes ?? 0))).toBe(true)
      await drop(image)
    } finally {
      fresh.end()
      await ref.dispose()
    }
  })

  test('a private registry refuses without credentials and serves with those of the Docker configuration', async () => {
    const own = mkdtempSync(join(tmpdir(), 'devcluster-private-'))
    const closed = await serveRegistry(own, 'me')
    const ref = testCluster()
    const before = process.env['DOCKER_CONFIG']
    const image = `${closed.host}/team/toy:1`
    try {
      await push(closed.host, 'team/toy', '1')
      process.env['DOCKER_CONFIG'] = own
      expect(await failure(pull(ref, image))).toMatchObject({
        code: 'FETCH_FAILED',
        data: { cause: 'unauthorised' },
        hint: expect.stringContaining(`docker login ${closed.host}`),
      })
      writeFileSync(
        join(own, 'config.json'),
        JSON.stringify({ auths: { [closed.host]: { auth: Buffer.from('me:secret').toString('base64') } } }),
      )
      await pull(ref, image)
      expect(await engine().get(`/images/${image}/json`)).toMatchObject({ Id: expect.stringMatching(/^sha256:/) })
      await drop(image)
    } finally {
      if (before === undefined) delete process.env['DOCKER_CONFIG']
      else process.env['DOCKER_CONFIG'] = before
      closed.end()
      rmSync(own, { recursive: true, force: true })
      await ref.dispose()
    }
  })

  test('an aborted pull ends at once with the reason', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const address = silent.address()
    const host = typeof address === 'object' && address ? `127.0.0.1:${address.port}` : ''
    const ref = testCluster()
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error('enough')), 200)
    await expect(runtime.fetch(ref, [nodeOf(`${host}/a/b:1`)], { always: true }, abort.signal, () => undefined)).rejects.toThrow('enough')
    silent.close()
    await ref.dispose()
  })
})
