// What only the docker runtime promises, against a real engine: labels, files, limits, networks, ports, outputs, watchdog.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isDevclusterError } from '../../src/errors.ts'
import type { ClusterRef, NodeExit } from '../../src/model/runtime.ts'
import type { NodeShape } from '../../src/model/shape.ts'
import type { ContainerDetails, ContainerSummary, NetworkDetails } from '../../src/runtimes/docker/api.ts'
import { filters } from '../../src/runtimes/docker/engine.ts'
import { glance } from '../../src/runtimes/docker/glance.ts'
import { createDockerRuntime } from '../../src/runtimes/docker/index.ts'
import { delay } from '../../src/util/async.ts'
import { startTimeOf } from '../../src/util/process-identity.ts'
import { engineForTests, testCluster, testNode, testShape, testSpec } from '../helpers/engine.ts'
import { ensureToyImage, TOY_IMAGE } from '../helpers/toy-image.ts'

const connection = await engineForTests()
const runtime = createDockerRuntime({ version: '9.9.9' })
const signal = AbortSignal.timeout(600_000)
const nothing = { nodes: {}, data: [] }

/** Serves one word on port 7000, says so, and ends in order on SIGTERM. */
const SERVER = `
  require('net').createServer((s) => s.end('toy')).listen(7000, () => console.log('serving'));
  console.error('on stderr');
  process.on('SIGTERM', () => { console.log('bye'); process.exit(0) });`
const DEAF = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')`

const clusters: (ClusterRef & { dispose(): Promise<void> })[] = []

function cluster(over: Partial<ClusterRef> = {}) {
  const made = testCluster(over)
  clusters.push(made)
  return made
}

async function oneNode(ref: ClusterRef, script = SERVER, shape: NodeShape = testShape('toy-1'), over = {}) {
  const placement = await runtime.place(ref, testSpec(ref), [shape], { observed: nothing })
  return testNode(shape, placement, TOY_IMAGE, script, over)
}

async function until<T>(check: () => Promise<T | undefined | false>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await check()
    if (value) return value
    if (Date.now() > deadline) throw new Error('not within time')
    await delay(30)
  }
}

async function said(ref: ClusterRef, node: string, text: string): Promise<void> {
  for await (const line of runtime.logs(ref, node, { follow: true, signal: AbortSignal.timeout(10_000) })) if (line.text === text) return
  throw new Error(`${node} never said ${text}`)
}

async function failure(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isDevclusterError(error)) throw new Error(`expected an error of ours, got ${String(error)}`)
  return error
}

describe.skipIf(!connection)('docker runtime', () => {
  const engine = () => {
    if (!connection) throw new Error('no engine')
    return connection.engine
  }
  const leftovers = async (id: string) => {
    const query = { filters: filters({ label: [`devcluster.cluster=${id}`] }) }
    const [containers, networks, volumes] = await Promise.all([
      engine().get<ContainerSummary[]>('/containers/json', { query: { all: true, ...query } }),
      engine().get<NetworkDetails[]>('/networks', { query }),
      engine().get<{ Volumes: { Name: string }[] | null }>('/volumes', { query }),
    ])
    return [...containers.map((one) => one.Id), ...networks.map((one) => one.Name), ...(volumes.Volumes ?? []).map((one) => one.Name)]
  }

  beforeAll(async () => {
    await ensureToyImage(engine())
  })
  afterEach(async () => {
    for (const ref of clusters.splice(0)) {
      await runtime.destroy(ref, { keepData: false })
      expect(await leftovers(ref.id)).toEqual([])
      await ref.dispose()
    }
  })
  afterAll(() => undefined)

  test('check describes the engine', async () => {
    const info = await runtime.check(signal)
    expect(info.description).toMatch(/^\S.* \d+\.\d+\S* \(linux\/\w+\) at \S+/)
    expect(info.remote).toBe(false)
  })

  test('one look at the containers says what the whole look says', async () => {
    const ref = cluster()
    const shapes = ['toy-1', 'toy-2', 'toy-3'].map((id) => testShape(id))
    const placement = await runtime.place(ref, testSpec(ref), shapes, { observed: nothing })
    const nodes = shapes.map((shape) => testNode(shape, placement, TOY_IMAGE, SERVER))
    await Promise.all(nodes.map((node) => runtime.start(ref, node, signal)))
    const [first, second] = nodes
    if (!first || !second) throw new Error('no nodes')
    await runtime.freeze(ref, first)
    await runtime.stop(ref, second, { style: 'kill', graceMs: 0 })
    const { nodes: observed } = await runtime.observe(ref)
    expect(Object.values(observed).map(({ state }) => state)).toEqual(expect.arrayContaining(['frozen', 'stopped', 'running']))
    const glanced = Object.fromEntries((await glance(ref.id)).map((node) => [node.id, node]))
    for (const [id, { exit: _exit, ...node }] of Object.entries(observed)) expect(glanced[id]).toEqual(node)
    expect(Object.keys(glanced)).toHaveLength(3)
    await runtime.thaw(ref, first)
  })

  test('a started node carries every label, its limits and no variable of ours, and list finds its cluster', async () => {
    const ref = cluster()
    const node = await oneNode(ref, SERVER, testShape('toy-1'), { resources: { memoryBytes: 128 * 1024 * 1024, cpus: 0.5 } })
    await runtime.start(ref, node, signal)
    const details = await engine().get<ContainerDetails & { HostConfig: Record<string, unknown>; Config: { Env: string[] } }>(
      `/containers/devcluster-${ref.id}-toy-1/json`,
    )
    expect(details.Config.Labels).toMatchObject({
      'devcluster.cluster': ref.id,
      'devcluster.name': 'test',
      'devcluster.node': 'toy-1',
      'devcluster.service': 'toy',
      'devcluster.kind': 'toy',
      'devcluster.fingerprint': 'f1',
      'devcluster.version': '9.9.9',
      'devcluster.user': String(process.getuid?.()),
      'devcluster.ephemeral': 'false',
      'devcluster.image': TOY_IMAGE,
      'devcluster.ports': JSON.stringify({ client: node.place.ports['client']?.host?.port }),
    })
    expect(details.Config.Labels?.['devcluster.digest']).toMatch(/^sha256:/)
    expect(details.Config.Env.sort()).toEqual(['GREETING=hello', 'PATH=/bin'])
    expect(details.HostConfig).toMatchObject({
      Memory: 134217728,
      MemorySwap: 134217728,
      NanoCpus: 500000000,
      Init: false,
      RestartPolicy: { Name: 'no' },
    })
    const observed = await runtime.observe(ref)
    expect(observed.nodes['toy-1']).toMatchObject({
      state: 'running',
      standIn: true,
      fingerprint: 'f1',
      hostPorts: { client: node.place.ports['client']?.host?.port },
    })
    expect(observed.data).toEqual(['toy-1'])
    expect((await runtime.list()).find((one) => one.id === ref.id)).toMatchObject({
      name: 'test',
      nodes: [{ id: 'toy-1', state: 'running' }],
    })
  })

  test('files are there before the first instruction; a secret is readable by the container’s own user only', async () => {
    const ref = cluster()
    const script = `const fs = require('fs');
      for (const f of ['plain.conf', 'deep/er/secret']) { const s = fs.statSync('/etc/devcluster/' + f); console.log(f, fs.readFileSync('/etc/devcluster/' + f, 'utf8'), (s.mode & 0o777).toString(8), s.uid) }
      setInterval(() => {}, 1000)`
    const node = await oneNode(ref, script, testShape('toy-1'), {
      launch: { via: 'container', image: TOY_IMAGE, entrypoint: ['/bin/node', '-e', script], user: 'toy' },
      files: [
        { dir: 'config', path: 'plain.conf', content: 'a=1' },
        { dir: 'config', path: 'deep/er/secret', content: { base64: Buffer.from('hush').toString('base64') }, mode: 0o600 },
        { dir: 'data', path: 'never', content: 'x' },
      ],
    })
    await runtime.start(ref, node, signal)
    await said(ref, 'toy-1', 'plain.conf a=1 644 0')
    await said(ref, 'toy-1', 'deep/er/secret hush 600 1234')
  })

  test('nodes started at the same time share one network and reach each other by node and service name', async () => {
    const ref = cluster()
    const shapes = ['toy-1', 'toy-2', 'toy-3'].map((id) => testShape(id))
    const placement = await runtime.place(ref, testSpec(ref), shapes, { observed: nothing })
    const nodes = shapes.map((shape) => testNode(shape, placement, TOY_IMAGE, SERVER))
    // Two runtimes stand for two processes: what one remembers does not help the other.
    const other = createDockerRuntime()
    await Promise.all(nodes.map((node, index) => (index % 2 ? other : runtime).start(ref, node, signal)))
    const networks = await engine().get<NetworkDetails[]>('/networks', {
      query: { filters: filters({ label: [`devcluster.cluster=${ref.id}`] }) },
    })
    expect(networks.map((one) => one.Name)).toEqual([`devcluster-${ref.id}`])
    await said(ref, 'toy-2', 'serving')
    const [first] = nodes
    if (!first) throw new Error('no node')
    for (const name of ['toy-2', 'toy']) {
      const script = `require('net').connect(7000, '${name}').on('data', (d) => console.log(String(d))).on('error', (e) => { console.log(e.message); process.exit(3) })`
      expect((await runtime.exec(ref, first, ['/bin/node', '-e', script], {})).stdout).toBe('toy\n')
    }
  })

  test('a stopped node is started again in the same container, on the same port, with its data', async () => {
    const ref = cluster()
    const script = `const fs = require('fs'); const n = fs.existsSync('/data/n') ? Number(fs.readFileSync('/data/n', 'utf8')) + 1 : 1; fs.writeFileSync('/data/n', String(n)); console.log('run', n); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)`
    const node = await oneNode(ref, script)
    await runtime.start(ref, node, signal)
    await said(ref, 'toy-1', 'run 1')
    const before = (await runtime.observe(ref)).nodes['toy-1']
    await runtime.start(ref, node, signal)
    expect((await runtime.observe(ref)).nodes['toy-1']?.handle).toBe(before?.handle)
    await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
    expect((await runtime.observe(ref)).nodes['toy-1']).toMatchObject({
      state: 'stopped',
      exit: { code: 137, signal: 'SIGKILL', outOfMemory: false, expected: true },
    })
    await runtime.start(ref, node, signal)
    await said(ref, 'toy-1', 'run 2')
    expect((await runtime.observe(ref)).nodes['toy-1']).toMatchObject({
      state: 'running',
      handle: before?.handle,
      hostPorts: before?.hostPorts,
    })
    // Another fingerprint makes another container, and keeps the data.
    await runtime.start(ref, { ...node, fingerprint: 'f2' }, signal)
    await said(ref, 'toy-1', 'run 3')
    const after = (await runtime.observe(ref)).nodes['toy-1']
    expect(after?.fingerprint).toBe('f2')
    expect(after?.handle).not.toBe(before?.handle)
    await runtime.remove(ref, 'toy-1', { keepData: true })
    expect(await runtime.observe(ref)).toMatchObject({ nodes: {}, data: ['toy-1'] })
    await runtime.start(ref, node, signal)
    await said(ref, 'toy-1', 'run 4')
    await runtime.remove(ref, 'toy-1', { keepData: false })
    expect(await runtime.observe(ref)).toEqual({ nodes: {}, data: [] })
    await runtime.remove(ref, 'toy-1', { keepData: false })
  })

  test('a graceful stop lets the node end by itself; one that is deaf is killed after its grace; a frozen one can be ended', async () => {
    const ref = cluster()
    const node = await oneNode(ref)
    await runtime.start(ref, node, signal)
    await said(ref, 'toy-1', 'serving')
    await runtime.stop(ref, node, { style: 'graceful', graceMs: 10_000 })
    expect((await runtime.observe(ref)).nodes['toy-1']?.exit).toMatchObject({ code: 0, signal: null, expected: true })
    await runtime.stop(ref, node, { style: 'graceful', graceMs: 10_000 })

    const deaf = await oneNode(ref, DEAF, testShape('deaf-1', { containerData: '/data' }))
    await runtime.start(ref, deaf, signal)
    await said(ref, 'deaf-1', 'deaf')
    const begun = Date.now()
    await runtime.stop(ref, deaf, { style: 'graceful', graceMs: 400 })
    expect(Date.now() - begun).toBeGreaterThanOrEqual(400)
    expect((await runtime.observe(ref)).nodes['deaf-1']?.exit).toMatchObject({ code: 137, signal: 'SIGKILL' })

    await runtime.start(ref, deaf, signal)
    await runtime.freeze(ref, deaf)
    await runtime.freeze(ref, deaf)
    expect((await runtime.observe(ref)).nodes['deaf-1']?.state).toBe('frozen')
    await runtime.thaw(ref, deaf)
    await runtime.thaw(ref, deaf)
    expect((await runtime.observe(ref)).nodes['deaf-1']?.state).toBe('running')
    await runtime.freeze(ref, deaf)
    await runtime.stop(ref, deaf, { style: 'kill', graceMs: 0 })
    expect((await runtime.observe(ref)).nodes['deaf-1']?.state).toBe('stopped')
  })

  test('place keeps ports, and avoids those of other clusters that are stopped', async () => {
    const ref = cluster()
    const node = await oneNode(ref)
    const port = node.place.ports['client']?.host?.port
    await runtime.start(ref, node, signal)
    const again = await runtime.place(ref, testSpec(ref), [node.shape], { observed: await runtime.observe(ref) })
    expect(again['toy-1']).toEqual(node.place)
    await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
    const stopped = await runtime.place(ref, testSpec(ref), [node.shape], { observed: await runtime.observe(ref) })
    expect(stopped['toy-1']).toEqual(node.place)
    const rival = cluster()
    const wanted = testShape('toy-1', {
      ports: { client: { container: 7000, published: true, ...(port === undefined ? {} : { wanted: port }) } },
    })
    const error = await failure(runtime.place(rival, testSpec(rival), [wanted], { observed: nothing }))
    expect(error).toMatchObject({ code: 'PORT_TAKEN', node: 'toy-1', data: { port } })
  })

  test('a port lost before start is PORT_TAKEN and names its owner: a process, or a container', async () => {
    const ref = cluster()
    const node = await oneNode(ref)
    const port = node.place.ports['client']?.host?.port ?? 0
    const thief = createServer().listen(port, '127.0.0.1')
    await once(thief, 'listening')
    const byProcess = await failure(runtime.start(ref, node, signal))
    expect(byProcess).toMatchObject({ code: 'PORT_TAKEN', node: 'toy-1', data: { port, pid: process.pid } })
    expect(byProcess.message).toContain(`pid ${process.pid}`)
    const fixed = testShape('toy-9', { ports: { client: { container: 7000, published: true, wanted: port } } })
    expect(await failure(runtime.place(ref, testSpec(ref), [fixed], { observed: nothing }))).toMatchObject({
      code: 'PORT_TAKEN',
      data: { pid: process.pid },
    })
    thief.close()
    await once(thief, 'close')
    await runtime.start(ref, node, signal)

    const rival = cluster()
    const loser = { ...(await oneNode(rival)), place: node.place }
    const byContainer = await failure(runtime.start(rival, loser, signal))
    expect(byContainer.code).toBe('PORT_TAKEN')
    expect(byContainer.message).toContain(`a container (devcluster-${ref.id}-toy-1 of cluster ${ref.id})`)
    expect(byContainer.hint).toContain(`devcluster down --id ${ref.id}`)
  })

  test('exec gives both outputs, the exit code, input, variables and the node’s own commands', async () => {
    const ref = cluster()
    const node = await oneNode(ref, SERVER, testShape('toy-1'), {
      commands: { greet: { via: 'container', argv: ['/bin/sh', '-c', 'echo "$WORD $1"', 'greet'], env: { WORD: 'hi' } } },
    })
    await runtime.start(ref, node, signal)
    expect(await runtime.exec(ref, node, ['/bin/sh', '-c', 'echo out; echo err >&2; exit 7'], {})).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    })
    const big = 'x'.repeat(3_000_000)
    const echoed = await runtime.exec(ref, node, ['/bin/cat'], { input: big })
    expect(echoed.exitCode).toBe(0)
    expect(echoed.stdout === big).toBe(true)
    expect((await runtime.exec(ref, node, ['greet', 'you'], {})).stdout).toBe('hi you\n')
    expect((await runtime.exec(ref, node, ['/bin/sh', '-c', 'echo $A'], { env: { A: 'b c' } })).stdout).toBe('b c\n')
    const heard: string[] = []
    const streamed = await runtime.exec(ref, node, ['/bin/sh', '-c', 'echo one'], {
      onStdout: (chunk) => heard.push(Buffer.from(chunk).toString()),
    })
    expect([streamed.stdout, heard.join('')]).toEqual(['', 'one\n'])
    expect((await runtime.exec(ref, node, ['/bin/no-such-program'], {})).exitCode).toBeGreaterThanOrEqual(126)
    const abort = AbortSignal.timeout(200)
    await expect(runtime.exec(ref, node, ['/bin/sleep', '30'], { signal: abort })).rejects.toMatchObject({ name: 'TimeoutError' })
    // The aborted command is ended, not left running inside.
    await until(async () => {
      const asleep = await runtime.exec(
        ref,
        node,
        // The bracket keeps the pattern from finding itself in the command lines of sh and grep.
        ['/bin/sh', '-c', 'grep -ls "[/]bin/sleep" /proc/[0-9]*/cmdline'],
        {},
      )
      return asleep.exitCode === 1 && asleep.stdout === ''
    })
    await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
    expect((await failure(runtime.exec(ref, node, ['/bin/cat'], {}))).code).toBe('NODE_EXITED')
    await runtime.remove(ref, 'toy-1', { keepData: false })
    expect((await failure(runtime.exec(ref, node, ['/bin/cat'], {}))).code).toBe('NODE_NOT_FOUND')
  })

  test('logs come in order with stream and time, over a restart, whole even when long, tailed and since', async () => {
    const ref = cluster()
    const script = `console.log('first'); console.error('second'); console.log('y'.repeat(40000)); process.stdout.write('no end'); setInterval(() => {}, 1000)`
    const node = await oneNode(ref, script)
    await runtime.start(ref, node, signal)
    const read = async (options: { tail?: number; sinceMs?: number }) => {
      const lines = []
      for await (const line of runtime.logs(ref, 'toy-1', { follow: false, ...options })) lines.push(line)
      return lines
    }
    // The engine keeps back what has no line end until the node ends.
    await until(async () => (await read({})).length >= 3)
    await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
    const lines = await read({})
    expect(lines.filter((line) => line.stream === 'stderr').map((line) => line.text)).toEqual(['second'])
    expect(lines.filter((line) => line.stream === 'stdout').map((line) => line.text)).toEqual(['first', 'y'.repeat(40000), 'no end'])
    expect(lines.every((line) => line.at !== undefined && Math.abs(line.at - Date.now()) < 60_000)).toBe(true)
    expect((await read({ tail: 1 })).length).toBe(1)
    const later = Date.now()
    await delay(20)
    await runtime.start(ref, node, signal)
    const fresh = await until(async () => {
      const found = await read({ sinceMs: later })
      return found.length >= 3 && found
    })
    expect(fresh.map((line) => line.text)).toContain('first')
    expect((await read({})).filter((line) => line.text === 'first').length).toBe(2)
    const stop = new AbortController()
    const followed: string[] = []
    for await (const line of runtime.logs(ref, 'toy-1', { follow: true, signal: stop.signal })) {
      followed.push(line.text)
      if (followed.length === 3) stop.abort()
    }
    expect(followed.length).toBe(3)
    expect((await failure(read2())).code).toBe('NODE_NOT_FOUND')
    async function read2() {
      for await (const _ of runtime.logs(ref, 'nobody', { follow: false }));
    }
  })

  test('exits tell a crash, a memory kill and a wanted stop apart, at once', async () => {
    const ref = cluster()
    const over = new AbortController()
    const ends: NodeExit[] = []
    const listening = (async () => {
      for await (const exit of runtime.exits(ref, over.signal)) ends.push(exit)
    })()
    const endOf = (node: string) => until(async () => ends.find((exit) => exit.node === node), 30_000)

    await runtime.start(ref, await oneNode(ref, 'process.exit(3)', testShape('crash-1')), signal)
    expect(await endOf('crash-1')).toMatchObject({ code: 3, signal: null, outOfMemory: false, expected: false })

    const hungry = `const held = []; setInterval(() => held.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5)`
    await runtime.start(ref, await oneNode(ref, hungry, testShape('hungry-1'), { resources: { memoryBytes: 96 * 1024 * 1024 } }), signal)
    expect(await endOf('hungry-1')).toMatchObject({ code: 137, signal: 'SIGKILL', outOfMemory: true, expected: false })
    expect((await runtime.observe(ref)).nodes['hungry-1']?.exit).toMatchObject({ outOfMemory: true })

    const node = await oneNode(ref)
    await runtime.start(ref, node, signal)
    await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
    expect(await endOf('toy-1')).toMatchObject({ expected: true, signal: 'SIGKILL' })
    over.abort()
    await listening
    expect(ends.length).toBe(3)
  })

  test('stats tell processor time and memory of a running node', async () => {
    const ref = cluster()
    await runtime.start(
      ref,
      await oneNode(ref, `const end = Date.now() + 300; while (Date.now() < end); console.log('hot'); setInterval(() => {}, 1000)`),
      signal,
    )
    await said(ref, 'toy-1', 'hot')
    const stats = await runtime.stats(ref, 'toy-1')
    expect(stats.cpuSeconds).toBeGreaterThan(0.2)
    expect(stats.rssBytes).toBeGreaterThan(1_000_000)
    expect(stats.rssBytes).toBeLessThan(500_000_000)
  })

  test('destroy needs the id only, disconnects a guest from the network, and keeps data on demand', async () => {
    const ref = cluster()
    const shapes = ['toy-1', 'toy-2'].map((id) => testShape(id))
    const placement = await runtime.place(ref, testSpec(ref), shapes, { observed: nothing })
    await Promise.all(shapes.map((shape) => runtime.start(ref, testNode(shape, placement, TOY_IMAGE, SERVER), signal)))
    const guest = await engine().post<{ Id: string }>('/containers/create', {
      json: { Image: TOY_IMAGE, Cmd: ['/bin/sleep', '100'], HostConfig: { NetworkMode: `devcluster-${ref.id}` } },
    })
    if (!guest) throw new Error('no guest')
    await engine().post(`/containers/${guest.Id}/start`)
    try {
      const fresh = createDockerRuntime()
      const { removed } = await fresh.destroy({ ...ref, stateDir: '/nonexistent' }, { keepData: true })
      expect([...removed].sort()).toEqual(['container toy-1', 'container toy-2', `network devcluster-${ref.id}`])
      expect((await leftovers(ref.id)).sort()).toEqual([`devcluster-${ref.id}-toy-1`, `devcluster-${ref.id}-toy-2`])
      expect((await fresh.destroy(ref, { keepData: false })).removed.length).toBe(2)
      expect((await fresh.destroy(ref, { keepData: false })).removed).toEqual([])
      const still = await engine().get<ContainerDetails>(`/containers/${guest.Id}/json`)
      expect(still.State.Running).toBe(true)
    } finally {
      await engine().delete(`/containers/${guest.Id}`, { query: { force: true, v: true } })
    }
  })

  test('an aborted start leaves nothing that destroy does not find', async () => {
    const ref = cluster()
    const node = await oneNode(ref)
    for (const afterMs of [0, 5, 20, 60, 120]) {
      const abort = new AbortController()
      const starting = runtime.start(ref, node, abort.signal).catch((error: unknown) => error)
      await delay(afterMs)
      abort.abort(new Error('enough'))
      await starting
      await runtime.destroy(ref, { keepData: false })
      expect(await leftovers(ref.id)).toEqual([])
    }
  })

  test('a network removed by hand is made again, and the node comes back with its data', async () => {
    const ref = cluster()
    const node = await oneNode(ref)
    await runtime.start(ref, node, signal)
    await runtime.stop(ref, node, { style: 'kill', graceMs: 0 })
    await engine().delete(`/networks/devcluster-${ref.id}`)
    await runtime.start(ref, node, signal)
    expect((await runtime.observe(ref)).nodes['toy-1']?.state).toBe('running')
  })

  test('an ephemeral cluster ends when its owner is killed, and its watchdog with it', async () => {
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const pid = owner.pid
    if (pid === undefined) throw new Error('no owner')
    const ref = cluster({ owner: { pid, startedAt: startTimeOf(pid) ?? '', command: 'owner' } })
    await runtime.start(ref, await oneNode(ref), signal)
    await delay(1_000)
    expect((await runtime.observe(ref)).nodes['toy-1']?.state).toBe('running')
    owner.kill('SIGKILL')
    await until(async () => (await leftovers(ref.id)).length === 0, 20_000)
  })
})
