// Engines that are not at the default socket: through TCP, TLS, a context; on another machine; and none at all.
import { execFileSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isDevclusterError } from '../../src/errors.ts'
import { createDockerRuntime } from '../../src/runtimes/docker/index.ts'
import { engineForTests, testCluster, testNode, testShape, testSpec } from '../helpers/engine.ts'
import { ensureToyImage, TOY_IMAGE } from '../helpers/toy-image.ts'

const connection = await engineForTests()
/** A name that does not look like loopback, but is: it stands for another machine. */
const remoteName = hostname()
const namesLoopback = await lookup(remoteName).then(
  ({ address }) => address.startsWith('127.'),
  () => false,
)
const signal = AbortSignal.timeout(300_000)
const home = mkdtempSync(join(tmpdir(), 'devcluster-remote-'))
const nothing = { nodes: {}, data: [] }
const SERVER = `require('net').createServer((s) => s.end('toy')).listen(7000, () => console.log('serving'))`

const runtimeWith = (env: NodeJS.ProcessEnv) => createDockerRuntime({ surroundings: () => ({ env, home, uid: 1 }) })

async function failure(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isDevclusterError(error)) throw new Error(`expected an error of ours, got ${String(error)}`)
  return error
}

describe('without an engine', () => {
  test('every address tried is named with its reason', async () => {
    const socket = join(home, 'nothing.sock')
    const absent = await failure(runtimeWith({ DOCKER_HOST: `unix://${socket}` }).check(signal))
    expect(absent.code).toBe('RUNTIME_UNAVAILABLE')
    expect(absent.message).toContain(`unix://${socket} (DOCKER_HOST): no such socket`)
    expect(absent.hint).toContain('DOCKER_HOST')

    // A port that was just given back refuses.
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await new Promise((resolve) => server.close(resolve))
    expect((await failure(runtimeWith({ DOCKER_HOST: `tcp://127.0.0.1:${port}` }).check(signal))).message).toContain('connection refused')
  })

  test('an engine that hangs is given up when the caller does', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const begun = performance.now()
    await expect(runtimeWith({ DOCKER_HOST: `tcp://127.0.0.1:${port}` }).check(AbortSignal.timeout(200))).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(performance.now() - begun).toBeLessThan(3_000)
    silent.close()
  })

  test.skipIf(process.getuid?.() === 0)('a socket without permission says which group', async () => {
    const socket = join(home, 'closed.sock')
    const server = createServer().listen(socket)
    await new Promise((resolve) => server.once('listening', resolve))
    execFileSync('chmod', ['000', socket])
    const denied = await failure(runtimeWith({ DOCKER_HOST: `unix://${socket}` }).check(signal))
    expect(denied.message).toContain('permission denied')
    expect(denied.hint).toContain('usermod -aG docker')
    server.close()
  })
})

describe.skipIf(!connection)('an engine elsewhere', () => {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const socketPath = connection?.engine.endpoint.type === 'unix' ? connection.engine.endpoint.path : ''

  function relay(from: Socket) {
    const to = connectSocket({ path: socketPath, allowHalfOpen: true })
    for (const socket of [from, to]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    from.pipe(to)
    to.pipe(from)
  }
  async function listen(server: Server): Promise<number> {
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  beforeAll(async () => {
    if (connection) await ensureToyImage(connection.engine)
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  test.skipIf(socketPath === '')('a whole life passes through TCP, exec and events included', async () => {
    const port = await listen(createServer({ allowHalfOpen: true }, relay))
    const runtime = runtimeWith({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })
    const ref = testCluster()
    try {
      expect((await runtime.check(signal)).description).toContain(`at tcp://127.0.0.1:${port}`)
      const shape = testShape('toy-1')
      // An engine behind a tunnel on loopback needs no word about where to bind.
      const placement = await runtime.place(ref, testSpec(ref), [shape], { observed: nothing })
      expect(placement['toy-1']?.ports['client']?.host?.host).toBe('127.0.0.1')
      const node = testNode(shape, placement, TOY_IMAGE, SERVER)
      const over = new AbortController()
      const ends: string[] = []
      const listening = (async () => {
        for await (const exit of runtime.exits(ref, over.signal)) ends.push(exit.node)
      })()
      await runtime.start(ref, node, signal)
      expect(await runtime.exec(ref, node, ['/bin/cat'], { input: 'through' })).toMatchObject({ exitCode: 0, stdout: 'through' })
      await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
      while (ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      over.abort()
      await listening
    } finally {
      await runtime.destroy(ref, { keepData: false })
      await ref.dispose()
    }
  })

  test.skipIf(socketPath === '')('events go on after the connection broke, and an end in between is found', async () => {
    const port = await listen(createServer({ allowHalfOpen: true }, relay))
    const runtime = runtimeWith({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })
    const ref = testCluster()
    const over = new AbortController()
    try {
      const shape = testShape('toy-1')
      const node = testNode(shape, await runtime.place(ref, testSpec(ref), [shape], { observed: nothing }), TOY_IMAGE, SERVER)
      await runtime.start(ref, node, signal)
      const ends: string[] = []
      const listening = (async () => {
        for await (const exit of runtime.exits(ref, over.signal)) ends.push(exit.node)
      })()
      await new Promise((resolve) => setTimeout(resolve, 300))
      // The way to the engine is cut; meanwhile the node is killed; then the way is back on the same port.
      for (const server of servers.splice(0))
        await new Promise((resolve) => {
          server.close(resolve)
          for (const socket of sockets) socket.destroy()
        })
      await connection?.engine.post(`/containers/devcluster-${ref.id}-toy-1/kill`)
      const again = createServer({ allowHalfOpen: true }, relay)
      servers.push(again)
      again.listen(port, '127.0.0.1')
      while (ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      over.abort()
      await listening
      expect(ends).toEqual(['toy-1'])
    } finally {
      over.abort()
      await runtime.destroy(ref, { keepData: false })
      await ref.dispose()
    }
  })

  test.skipIf(socketPath === '')('TLS with a client certificate is spoken, and a stranger’s certificate refused', async () => {
    const certs = mkdtempSync(join(home, 'certs-'))
    const file = (name: string) => join(certs, name)
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      file('key.pem'),
      '-out',
      file('cert.pem'),
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
    )
    execFileSync('cp', [file('cert.pem'), file('ca.pem')])
    const key = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')), ca: readFileSync(file('ca.pem')) }
    const port = await listen(createTlsServer({ ...key, requestCert: true, rejectUnauthorized: true }, relay))
    const address = { DOCKER_HOST: `tcp://localhost:${port}`, DOCKER_TLS_VERIFY: '1' }
    expect((await runtimeWith({ ...address, DOCKER_CERT_PATH: certs }).check(signal)).description).toContain('(TLS)')
    const empty = mkdtempSync(join(home, 'empty-'))
    expect((await failure(runtimeWith({ ...address, DOCKER_CERT_PATH: empty }).check(signal))).message).toMatch(/self.signed certificate/)
  })

  test.skipIf(socketPath === '')(
    'ssh is the user’s own program, run as the Docker command line runs it; its complaint is the reason',
    async () => {
      const bin = mkdtempSync(join(home, 'bin-'))
      const relayed = `const s = require('net').connect({ path: '${socketPath}', allowHalfOpen: true }); process.stdin.pipe(s); s.pipe(process.stdout); s.on('end', () => process.exit(0))`
      writeFileSync(
        join(bin, 'ssh'),
        `#!/bin/sh\nfor last; do :; done\ncase "$*" in *" -l me -p 2222 -- build.example docker system dial-stdio") ;; *) echo "no such host: $*" >&2; exit 255 ;; esac\nexec '${process.execPath}' -e "${relayed}"\n`,
        { mode: 0o755 },
      )
      const before = process.env['PATH']
      process.env['PATH'] = `${bin}:${before}`
      const ref = testCluster()
      try {
        const runtime = runtimeWith({ DOCKER_HOST: 'ssh://me@build.example:2222' })
        expect(await runtime.check(signal)).toMatchObject({
          remote: true,
          description: expect.stringContaining('at ssh://me@build.example:2222'),
        })
        const shape = testShape('toy-1')
        const placement = await runtime.place(ref, testSpec(ref, { bindIsExplicit: true }), [shape], { observed: nothing })
        expect(placement['toy-1']?.ports['client']?.host?.host).toBe('build.example')
        const node = testNode(shape, placement, TOY_IMAGE, SERVER)
        await runtime.start(ref, node, signal)
        expect(await runtime.exec(ref, node, ['/bin/cat'], { input: 'through' })).toMatchObject({ exitCode: 0, stdout: 'through' })
        await runtime.destroy(ref, { keepData: false })
        const other = await failure(runtimeWith({ DOCKER_HOST: 'ssh://me@other.example' }).check(signal))
        expect(other.message).toContain('ssh to other.example ended: no such host')
      } finally {
        process.env['PATH'] = before
        await ref.dispose()
      }
    },
  )

  test.skipIf(socketPath === '' || !namesLoopback)(
    'an engine on another machine needs `bind`, and its host is in every address',
    async () => {
      const server = createServer({ allowHalfOpen: true }, relay)
      servers.push(server)
      const { address } = await lookup(remoteName)
      server.listen(0, address)
      await new Promise((resolve) => server.once('listening', resolve))
      const bound = server.address()
      const port = typeof bound === 'object' && bound ? bound.port : 0
      const runtime = runtimeWith({ DOCKER_HOST: `tcp://${remoteName}:${port}` })
      expect((await runtime.check(signal)).remote).toBe(true)
      const ref = testCluster({ bind: '127.0.0.1' })
      const shapes = [testShape('toy-1')]
      expect(await failure(runtime.place(ref, testSpec(ref), shapes, { observed: nothing }))).toMatchObject({ code: 'REMOTE_BIND' })
      const placement = await runtime.place(ref, testSpec(ref, { bindIsExplicit: true }), shapes, { observed: nothing })
      expect(placement['toy-1']?.ports['client']).toMatchObject({ host: { host: remoteName }, peer: { host: 'toy-1', port: 7000 } })
      await ref.dispose()
    },
  )
})
