// The process runtime: what every runtime owes, and what only processes can get wrong (lost records, dead supervisors, dead owners).
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeSpec } from '../../src/model/node.ts'
import type { ClusterRef, NodeExit, Runtime } from '../../src/model/runtime.ts'
import { createProcessRuntime } from '../../src/runtimes/process/index.ts'
import { isAlive, startTimeOf } from '../../src/util/process-identity.ts'
import { node as plainNode } from '../helpers/nodes.ts'
import { describeRuntime, type RuntimeWorld } from './describe-runtime.ts'
import { specOf, toyShape, until } from './worlds.ts'

const START_TOYS = fileURLToPath(new URL('../helpers/start-toys.ts', import.meta.url))
const REGISTER = pathToFileURL(join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib', 'jiti-register.mjs')).href
const SERVER = fileURLToPath(new URL('../helpers/toy-server.mjs', import.meta.url))

/** Processes of this machine that carry the cluster's mark, found without the code under test. */
function marked(id: string): { pid: number; role: string }[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
      // A zombie of ours has no environment left; what has one still runs.
      return entries.includes(`DEVCLUSTER_CLUSTER=${id}`)
        ? [{ pid: Number(pid), role: entries.find((entry) => entry.startsWith('DEVCLUSTER_ROLE='))?.slice(16) ?? '' }]
        : []
    } catch {
      return []
    }
  })
}

function groups(id: string, folder = '/sys/fs/cgroup', depth = 4): string[] {
  if (depth === 0) return []
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (!entry.isDirectory()) return []
      const path = join(folder, entry.name)
      return entry.name.startsWith(`devcluster-${id}`) ? [path] : groups(id, path, depth - 1)
    })
  } catch {
    return []
  }
}

function askToy(node: NodeSpec, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const address = node.place.ports['client']?.host
    if (!address) throw new Error('no port')
    const socket = connect(address.port, address.host)
    let text = ''
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')))
    socket.on('connect', () => socket.write(`${line}\n`))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (!text.endsWith('\n')) return
      resolve(text.slice(0, -1))
      socket.destroy()
    })
  })
}

async function makeWorld(): Promise<RuntimeWorld & { home: string }> {
  const home = await mkdtemp(join(tmpdir(), 'devcluster-test-'))
  const env = {
    ...process.env,
    DEVCLUSTER_HOME: home,
    DEVCLUSTER_CACHE: join(home, 'cache'),
    KAFKA_HEAP_OPTS: 'never',
    JDK_JAVA_OPTIONS: 'never',
  }
  let clusters = 0
  return {
    home,
    runtime: () => createProcessRuntime({ env }),
    cluster: async (name, owner) => {
      const id = `${name}-${process.pid}-${Date.now().toString(36)}${++clusters}`
      return { id, name, stateDir: join(home, 'clusters', id), bind: '127.0.0.1', mirrors: {}, ...(owner ? { owner } : {}) }
    },
    node: (shape, place, settings) => ({
      ...plainNode(shape.id),
      shape,
      place,
      launch: {
        via: 'process',
        distribution: { from: 'path', id: 'node', program: process.execPath, hint: 'install Node' },
        program: { type: 'native', args: [SERVER, join(place.dirs.config, 'toy.conf')] },
      },
      env: {},
      files: [
        {
          dir: 'config',
          path: 'toy.conf',
          content: Object.entries({
            TOY_ID: shape.id,
            TOY_PORT: String(place.ports['client']?.listen.port),
            TOY_DATA: place.dirs.data,
            ...settings,
          })
            .map(([key, value]) => `${key}=${value}\n`)
            .join(''),
        },
      ],
    }),
    ask: askToy,
    die: async (cluster, node) => {
      const handle = (await createProcessRuntime({ env }).observe(cluster)).nodes[node]?.handle ?? ''
      process.kill(Number(handle.replace('pid ', '')), 'SIGKILL')
    },
    left: async (cluster) => [
      ...marked(cluster.id).map(({ pid, role }) => `process ${pid} (${role})`),
      ...groups(cluster.id),
      ...(existsSync(cluster.stateDir) ? [cluster.stateDir] : []),
    ],
    dispose: () => rm(home, { recursive: true, force: true }),
  }
}

describeRuntime('process', makeWorld, { real: true })

describe('nodes as processes', () => {
  let world: RuntimeWorld & { home: string }
  let runtime: Runtime
  let cluster: ClusterRef
  let owner: ChildProcess | undefined
  const { signal } = new AbortController()

  const toys = async (count: number, ref = cluster, settings: Readonly<Record<string, string>> = {}): Promise<NodeSpec[]> => {
    const shapes = Array.from({ length: count }, (_, index) => toyShape(index + 1))
    const placement = await runtime.place(ref, specOf(ref), shapes, { observed: await runtime.observe(ref) })
    return shapes.flatMap((shape) => {
      const place = placement[shape.id]
      return place ? [world.node(shape, place, settings)] : []
    })
  }
  const serving = (node: NodeSpec) => until(async () => await askToy(node, 'HELLO').catch(() => undefined))
  const startAll = async (nodes: readonly NodeSpec[], ref = cluster) => {
    await Promise.all(nodes.map((node) => runtime.start(ref, node, signal)))
    await Promise.all(nodes.map(serving))
  }
  const supervisorPid = (ref = cluster) => marked(ref.id).find(({ role }) => role === 'supervisor')?.pid ?? 0

  beforeEach(async () => {
    world = await makeWorld()
    runtime = world.runtime()
    cluster = await world.cluster('alone')
  })
  afterEach(async () => {
    owner?.kill('SIGKILL')
    await runtime.destroy(cluster, { keepData: false })
    expect(await world.left(cluster)).toEqual([])
    await world.dispose()
  })

  it('nodes started at the same time must have one supervisor, and each its own process group', async () => {
    const nodes = await toys(3)
    await startAll(nodes)
    const found = marked(cluster.id)
    expect(found.filter(({ role }) => role === 'supervisor')).toHaveLength(1)
    expect(found.filter(({ role }) => role === 'node')).toHaveLength(3)
  })

  it('a node must not inherit settings of the caller', async () => {
    const [node] = await toys(1)
    if (!node) throw new Error('no node')
    await startAll([{ ...node, env: { COLOUR: 'green' } }])
    for (const name of ['KAFKA_HEAP_OPTS', 'JDK_JAVA_OPTIONS', 'NODE_OPTIONS', 'VITEST']) expect(await askToy(node, `ENV ${name}`)).toBe('')
    expect(await askToy(node, 'ENV COLOUR')).toBe('green')
  })

  it('a corrupted record must not lose the node', async () => {
    const nodes = await toys(2)
    await startAll(nodes)
    const before = await runtime.observe(cluster)
    writeFileSync(join(cluster.stateDir, 'nodes', 'toy-1', 'record.json'), '{"pid":')
    expect((await runtime.observe(cluster)).nodes).toEqual(before.nodes)
    rmSync(join(cluster.stateDir, 'nodes', 'toy-2', 'record.json'))
    expect((await runtime.observe(cluster)).nodes).toEqual(before.nodes)
  })

  it('a lost state folder must not lose the nodes: they are listed and destroyed by id', async () => {
    const nodes = await toys(2)
    await startAll(nodes)
    rmSync(cluster.stateDir, { recursive: true })
    const listed = (await world.runtime().list()).find(({ id }) => id === cluster.id)
    // The supervisor of a folder that is gone ends itself; its nodes stay.
    expect(listed?.nodes.map(({ id, state }) => [id, state])).toEqual([
      ['toy-1', 'running'],
      ['toy-2', 'running'],
    ])
    await world.runtime().destroy(cluster, { keepData: false })
    expect(await world.left(cluster)).toEqual([])
  })

  it('a record with a recycled pid must not be taken for the node, nor anybody be killed for it', async () => {
    const [node] = await toys(1)
    if (!node) throw new Error('no node')
    await startAll([node])
    await runtime.stop(cluster, node, { style: 'kill', graceMs: 0 })
    const path = join(cluster.stateDir, 'nodes', 'toy-1', 'record.json')
    const record: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'))
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore', detached: true })
    try {
      writeFileSync(path, JSON.stringify({ ...record, pid: bystander.pid }))
      expect((await runtime.observe(cluster)).nodes['toy-1']?.state).toBe('stopped')
      await runtime.stop(cluster, node, { style: 'kill', graceMs: 0 })
      await runtime.destroy(cluster, { keepData: false })
      expect(startTimeOf(bystander.pid ?? 0)).toBeDefined()
    } finally {
      bystander.kill('SIGKILL')
    }
  })

  it('nodes must survive their supervisor, and a new one adopt them', async () => {
    const nodes = await toys(2)
    await startAll(nodes)
    const before = await runtime.observe(cluster)
    const pid = supervisorPid()
    process.kill(pid, 'SIGKILL')
    await until(async () => startTimeOf(pid) === undefined)
    expect(await runtime.observe(cluster)).toEqual(before)
    const stop = new AbortController()
    const told: NodeExit[] = []
    const listening = (async () => {
      for await (const exit of runtime.exits(cluster, stop.signal)) told.push(exit)
    })()
    await until(async () => supervisorPid() > 0)
    await world.die(cluster, 'toy-2')
    await until(async () => told.length > 0)
    stop.abort()
    await listening
    expect(told).toMatchObject([{ node: 'toy-2', expected: false }])
    const [first] = nodes
    if (first) await runtime.stop(cluster, first, { style: 'graceful', graceMs: 5_000 })
    expect((await runtime.observe(cluster)).nodes['toy-1']).toMatchObject({ state: 'stopped', exit: { expected: true } })
  })

  it('a stopped cluster must leave no supervisor behind after a while', async () => {
    const nodes = await toys(1)
    await startAll(nodes)
    const [node] = nodes
    if (node) await runtime.stop(cluster, node, { style: 'kill', graceMs: 0 })
    await until(async () => marked(cluster.id).length === 0, 15_000)
  })

  it('everything of an ephemeral cluster must be gone when its owner is', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' })
    owner = child
    await until(async () => child.pid !== undefined)
    const pid = child.pid ?? 0
    const ephemeral = await world.cluster('owned', { pid, startedAt: startTimeOf(pid) ?? '', command: 'sleep' })
    const nodes = await toys(2, ephemeral)
    await startAll(nodes, ephemeral)
    expect(isAlive(pid, startTimeOf(pid) ?? '')).toBe(true)
    child.kill('SIGKILL')
    await until(async () => (await world.left(ephemeral)).length === 0, 10_000)
  })

  it.each([0, 40, 120, 250, 400, 700])('a caller killed %i ms into a start must leave nothing that cannot be found by id', async (ms) => {
    const child = spawn(process.execPath, ['--import', REGISTER, START_TOYS, cluster.id, cluster.stateDir, SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DEVCLUSTER_HOME: world.home, DEVCLUSTER_CACHE: join(world.home, 'cache') },
    })
    owner = child
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await new Promise((resolve) => setTimeout(resolve, ms))
    child.kill('SIGKILL')
    // Half of the times the next start repairs, half of the times the end comes at once.
    if (ms % 80 === 0) {
      const nodes = await toys(3)
      await startAll(nodes)
      expect(Object.values((await runtime.observe(cluster)).nodes).map(({ state }) => state)).toEqual(['running', 'running', 'running'])
    }
    await runtime.destroy(cluster, { keepData: false })
    expect(await world.left(cluster)).toEqual([])
  })

  it('helpers that a node leaves in a session of their own must end with it', async () => {
    const [node] = await toys(1)
    if (!node) throw new Error('no node')
    const script = 'setsid sleep 600 & exec "$@"'
    const wrapped: NodeSpec = {
      ...node,
      launch: {
        via: 'process',
        distribution: { from: 'path', id: 'sh', program: 'sh', hint: '' },
        program: { type: 'native', args: ['-c', script, 'sh', process.execPath, SERVER, join(node.place.dirs.config, 'toy.conf')] },
      },
    }
    await startAll([wrapped])
    expect(marked(cluster.id).filter(({ role }) => role === 'node')).toHaveLength(2)
    await runtime.stop(cluster, wrapped, { style: 'graceful', graceMs: 5_000 })
    expect(marked(cluster.id).filter(({ role }) => role === 'node')).toHaveLength(0)
  })

  it('a program that is not on PATH must be named with the command that installs it', async () => {
    const [node] = await toys(1)
    if (!node) throw new Error('no node')
    const missing: NodeSpec = {
      ...node,
      launch: {
        via: 'process',
        distribution: { from: 'path', id: 'nothing', program: 'no-such-program', hint: 'install nothing' },
        program: { type: 'native', args: [] },
      },
    }
    await expect(runtime.start(cluster, missing, signal)).rejects.toMatchObject({ code: 'RUNTIME_UNSUPPORTED', hint: 'install nothing' })
  })

  it('a program that cannot be executed must fail the start by name', async () => {
    const [node] = await toys(1)
    if (!node) throw new Error('no node')
    const program = join(world.home, 'broken')
    writeFileSync(program, '#!/no/such/interpreter\n', { mode: 0o755 })
    const broken: NodeSpec = {
      ...node,
      launch: { via: 'process', distribution: { from: 'path', id: 'broken', program, hint: '' }, program: { type: 'native', args: [] } },
    }
    await expect(runtime.start(cluster, broken, signal)).rejects.toMatchObject({ code: 'START_FAILED', node: 'toy-1' })
  })
})
