// What must fail before or without a broken node: downloads, caches, files, locks, versions, seeds. As the library throws it and the command line prints it.
import { spawn } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planCluster, pullCluster } from '../../src/index.ts'
import type { MavenArtifact } from '../../src/model/node.ts'
import { parseCoordinate, repositoryPath } from '../../src/runtimes/process/maven-coordinate.ts'
import { cacheHome } from '../../src/util/paths.ts'
import { selfIdentity, startTimeOf } from '../../src/util/process-identity.ts'
import { type Lab, oneBroker, openLab, processesOf, runCli } from '../helpers/cluster.ts'

let lab: Lab
let dir: string
const env: Record<string, string | undefined> = {}
function setEnv(name: string, value: string): void {
  if (!(name in env)) env[name] = process.env[name]
  process.env[name] = value
}
beforeEach(() => {
  lab = openLab()
  dir = mkdtempSync(join(tmpdir(), 'devcluster-file-'))
})
afterEach(async () => {
  await lab.close()
  rmSync(dir, { recursive: true, force: true })
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
    delete env[name]
  }
})

/** Where a cache keeps an artifact: the layout of a Maven repository. */
function cachedPath(cache: string, artifact: MavenArtifact): string {
  return join(cache, 'maven', repositoryPath(parseCoordinate(artifact.coordinate)))
}

function write(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

describe('downloads', () => {
  let server: Server | undefined
  let asked: Map<string, number>
  afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())))

  async function artifacts(): Promise<readonly MavenArtifact[]> {
    const { nodes } = await planCluster(oneBroker(), { id: lab.id })
    const launch = nodes[0]?.launch
    if (launch?.via !== 'process' || launch.distribution.from !== 'maven') throw new Error('no artifacts')
    return launch.distribution.artifacts
  }

  /** A repository on loopback with the real files; `damage` says whether to flip a byte of the n-th answer for a file. */
  async function repository(damage: (file: string, nth: number) => boolean): Promise<string> {
    const shared = join(cacheHome(), 'maven')
    asked = new Map()
    const own = createServer((request, response) => {
      const file = decodeURIComponent(request.url ?? '').slice(1)
      const nth = (asked.get(file) ?? 0) + 1
      asked.set(file, nth)
      const path = join(shared, file)
      if (!existsSync(path)) {
        response.writeHead(404).end()
        return
      }
      const body = readFileSync(path)
      const middle = body.length >> 1
      if (damage(file, nth)) body[middle] = (body[middle] ?? 0) ^ 1
      response.writeHead(200, { 'content-length': body.length }).end(body)
    })
    server = own
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
    const address = own.address()
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
  }

  /** A cache with everything but one artifact, and no local Maven repository. @returns the missing file */
  async function cacheWithout(artifact: MavenArtifact, all: readonly MavenArtifact[]): Promise<string> {
    const shared = cacheHome()
    const cache = join(dir, 'cache')
    for (const other of all) {
      const target = cachedPath(cache, other)
      mkdirSync(join(target, '..'), { recursive: true })
      if (other === artifact) continue
      const source = cachedPath(shared, other)
      try {
        linkSync(source, target)
      } catch {
        symlinkSync(source, target)
      }
    }
    setEnv('DEVCLUSTER_CACHE', cache)
    setEnv('HOME', dir)
    return cachedPath(cache, artifact)
  }

  it('a corrupt download must be refused and fetched again', async () => {
    await pullCluster(oneBroker(), { id: lab.id })
    const all = await artifacts()
    const [artifact] = all.toSorted((a, b) => a.size - b.size)
    if (!artifact) throw new Error('no artifact')
    setEnv('DEVCLUSTER_MAVEN_REPOSITORY', await repository((_, nth) => nth === 1))
    const missing = await cacheWithout(artifact, all)
    await pullCluster(oneBroker(), { id: lab.id })
    expect([...asked.values()]).toEqual([2])
    expect(statSync(missing).size).toBe(artifact.size)
  })

  it('a download that is corrupt again and again must be CHECKSUM_MISMATCH, and nothing of it stay', async () => {
    await pullCluster(oneBroker(), { id: lab.id })
    const all = await artifacts()
    const [artifact] = all.toSorted((a, b) => a.size - b.size)
    if (!artifact) throw new Error('no artifact')
    setEnv('DEVCLUSTER_MAVEN_REPOSITORY', await repository(() => true))
    const missing = await cacheWithout(artifact, all)
    const error = await lab.failing(oneBroker())
    expect(error).toMatchObject({ code: 'CHECKSUM_MISMATCH', data: { expected: artifact.sha256 } })
    expect(error.message).toContain(artifact.coordinate)
    expect(error.hint).toContain('DEVCLUSTER_MAVEN_REPOSITORY')
    expect(existsSync(missing)).toBe(false)
    expect(existsSync(`${missing}.part`)).toBe(false)
    expect(lab.left()).toEqual([])
  })

  it('a cache that cannot be written must be named, with what helps', async () => {
    // A file where the folder should be: root may write anywhere else.
    setEnv('DEVCLUSTER_CACHE', join(write('file', ''), 'cache'))
    setEnv('HOME', dir)
    const error = await lab.failing(oneBroker())
    expect(error.code).toBe('STATE_UNWRITABLE')
    expect(error.message).toContain(join(dir, 'file', 'cache'))
    expect(error.hint).toContain('DEVCLUSTER_CACHE')
    expect(lab.left()).toEqual([])
  })
})

describe('the command line', () => {
  it('must start nothing with a broken file: every mistake with its place, exit 2', async () => {
    write('devcluster.yaml', 'name: broken\nservices:\n  kafka:\n    brokres: 3\n    topics:\n      orders: "3:5"\n  nothing: {}\n')
    const { code, stdout, stderr } = await runCli(['up', '--runtime', 'process'], { cwd: dir })
    expect(code).toBe(2)
    expect(stdout).toBe('')
    for (const place of ['devcluster.yaml:4:5', 'devcluster.yaml:6:', 'devcluster.yaml:7:']) expect(stderr).toContain(place)
    expect(existsSync(join(lab.home, 'clusters'))).toBe(false)
  })

  it('must say what to do when the file wants docker and no engine answers, exit 3', async () => {
    write('devcluster.yaml', 'name: engine\nruntime: docker\nservices:\n  kafka: {}\n')
    const { code, stderr } = await runCli(['up'], { cwd: dir, env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' } })
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error RUNTIME_UNAVAILABLE: .*\/nonexistent\/docker\.sock/m)
    expect(stderr).toMatch(/^hint: .*process/m)
    expect(stderr).not.toContain('    at ')
  })

  it('must list the versions there are, exit 2', async () => {
    write('devcluster.yaml', 'name: version\nservices:\n  kafka:\n    version: "2.8"\n')
    const { code, stderr } = await runCli(['up', '--runtime', 'process'], { cwd: dir })
    expect(code).toBe(2)
    expect(stderr).toContain('devcluster.yaml:4:14')
    expect(stderr).toMatch(/it has .*4\.3\.\d+.*3\.9\.\d+/)
    expect(stderr).not.toContain('Did you mean')
    // Said at its place, and not a second time.
    expect(stderr.match(/hint:/g)).toHaveLength(1)
  })
})

describe('the library', () => {
  it('a version that is not there must have its own code', async () => {
    const error = await lab.failing(oneBroker({ version: '2.8' }))
    expect(error.code).toBe('VERSION_UNAVAILABLE')
    expect(error.message).not.toBe('')
    expect(lab.left()).toEqual([])
  })

  it('a cluster that another one is changing must name its pid and command', async () => {
    const holder = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      const pid = holder.pid ?? 0
      const lock = join(lab.home, 'locks', `${lab.id}.lock`)
      mkdirSync(join(lock, '..'), { recursive: true })
      writeFileSync(
        lock,
        JSON.stringify({ ...selfIdentity(), pid, startedAt: startTimeOf(pid), command: 'devcluster up --slow', token: 'x' }),
      )
      const error = await lab.failing(oneBroker(), { lockTimeoutMs: 200 })
      expect(error.code).toBe('CLUSTER_LOCKED')
      expect(error.message).toContain(`pid ${pid} (devcluster up --slow)`)
      expect(lab.warnings).toEqual([expect.stringContaining(`waiting for another devcluster (pid ${pid}`)])
      expect(processesOf(lab.id)).toEqual([])
    } finally {
      holder.kill('SIGKILL')
    }
  })

  it('fewer brokers must be RECREATE_NEEDED, and leave the running ones alone', async () => {
    const cluster = await lab.start(oneBroker({ brokers: 2, controllers: 1 }))
    const before = (await cluster.status()).nodes.map(({ handle }) => handle)
    const error = await lab.failing(oneBroker({ brokers: 1, controllers: 1 }))
    expect(error.code).toBe('RECREATE_NEEDED')
    expect(error.message).toContain('kafka-2 (broker) would be removed')
    expect(error.hint).toContain('--recreate')
    const status = await cluster.status()
    expect(status.ready).toBe(true)
    expect(status.nodes.map(({ handle }) => handle)).toEqual(before)
  })
})

describe('seeds', () => {
  it('a bad line must be named by its place before the first record, and everything be undone', async () => {
    const file = write('orders.ndjson', '{"key":"a","value":1}\n{"key":"b","value":}\n')
    const error = await lab.failing(oneBroker({ topics: { orders: { partitions: 1, replicas: 1, seed: file } } }))
    expect(error.code).toBe('SEED_INVALID')
    expect(error.message).toMatch(new RegExp(`^${file.replaceAll('.', '\\.')}:2:\\d+: `))
    expect(lab.left()).toEqual([])
  })

  it('replicas that have changed must be SEED_CONFLICT, and the topic stay as it is', async () => {
    const topics = (replicas: number) => ({ brokers: 2, controllers: 1, topics: { orders: { partitions: 1, replicas } } })
    await lab.start(oneBroker(topics(1)))
    const error = await lab.failing(oneBroker(topics(2)))
    expect(error.code).toBe('SEED_CONFLICT')
    expect(error.message).toContain('orders')
    expect(error.hint).toMatch(/\S/)
    expect((await (await lab.start(oneBroker(topics(1)))).status()).ready).toBe(true)
  })
})
