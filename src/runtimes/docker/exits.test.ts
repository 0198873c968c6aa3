// Ends of nodes from engines that differ in how they tell them. The engine is a small server with one container; real ones are in test/docker.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ClusterRef, NodeExit } from '../../model/runtime.ts'
import { createDockerRuntime } from './index.ts'
import { runtimeDir } from './stops.ts'

const LABELS = { 'devcluster.cluster': 'c1', 'devcluster.node': 'toy-1' }

interface Fake {
  /** Requests for events that wait, with the filters they came with. */
  readonly listeners: { readonly filters: Record<string, string[]>; readonly answer: ServerResponse }[]
  /** What inspection says; undefined when the container was removed. */
  container: { code: number; finishedAt: number; memory?: number } | undefined
  dir: string
  close(): Promise<void>
}

let fake: Fake

async function fakeEngine(): Promise<Fake> {
  const dir = mkdtempSync(join(tmpdir(), 'devcluster-exits-'))
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? '/', 'http://engine')
    const json = (value: unknown) => answer.end(JSON.stringify(value))
    const { container } = made
    if (url.pathname === '/_ping') answer.setHeader('Api-Version', '1.41').setHeader('Libpod-Api-Version', '4.3.1').end('OK')
    else if (url.pathname === '/events') made.listeners.push({ filters: JSON.parse(url.searchParams.get('filters') ?? '{}'), answer })
    else if (url.pathname === '/containers/json') json(container ? [{ Id: 'id1', Names: ['/n'], Labels: LABELS, State: 'exited' }] : [])
    else if (container) {
      const FinishedAt = new Date(container.finishedAt).toISOString()
      const State = { Status: 'exited', Running: false, Paused: false, ExitCode: container.code, OOMKilled: false, FinishedAt }
      json({ Id: 'id1', State, Config: { Labels: LABELS }, HostConfig: { Memory: container.memory ?? 0 } })
    } else answer.writeHead(404).end('{"message":"no such container"}')
  })
  const made: Fake = {
    listeners: [],
    container: undefined,
    dir,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      rmSync(dir, { recursive: true, force: true })
    },
  }
  await new Promise<void>((resolve) => server.listen(join(dir, 'engine.sock'), resolve))
  return made
}

beforeEach(async () => {
  fake = await fakeEngine()
})
afterEach(() => fake.close())

const cluster = (): ClusterRef => ({ id: 'c1', name: 'test', stateDir: join(fake.dir, 'state'), bind: '127.0.0.1', mirrors: {} })

function listen(): { readonly told: NodeExit[]; readonly stop: () => Promise<void> } {
  const surroundings = () => ({ env: { DOCKER_HOST: `unix://${fake.dir}/engine.sock` }, home: fake.dir, uid: 1 })
  const over = new AbortController()
  const told: NodeExit[] = []
  const reading = (async () => {
    for await (const exit of createDockerRuntime({ surroundings }).exits(cluster(), over.signal)) told.push(exit)
  })()
  return {
    told,
    stop: async () => {
      over.abort()
      await reading
    },
  }
}

async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setTimeout(resolve, 5))
}

function die(at: number, exitCode: string): string {
  return `${JSON.stringify({ Action: 'die', timeNano: at * 1e6, Actor: { ID: 'id1', Attributes: { ...LABELS, exitCode } } })}\n`
}

test('an end is asked for by both names it has, and told with what the container says', async () => {
  const { told, stop } = listen()
  await until(() => fake.listeners.length === 1)
  expect(fake.listeners[0]?.filters).toEqual({ type: ['container'], event: ['die', 'died'], label: ['devcluster.cluster=c1'] })
  const finishedAt = Date.now()
  fake.container = { code: 3, finishedAt }
  fake.listeners[0]?.answer.write(die(finishedAt + 2, '3'))
  await until(() => told.length === 1)
  fake.container = undefined
  fake.listeners[0]?.answer.write(die(finishedAt + 50, '143'))
  await until(() => told.length === 2)
  await stop()
  const common = { node: 'toy-1', outOfMemory: false, expected: false }
  expect(told).toEqual([
    { ...common, at: finishedAt, code: 3, signal: null },
    { ...common, at: finishedAt + 50, code: 143, signal: 'SIGTERM' },
  ])
})

test('an end while the connection was lost is told, though the engine does not answer the next request before the next event', async () => {
  const { told, stop } = listen()
  await until(() => fake.listeners.length === 1)
  fake.container = { code: 1, finishedAt: Date.now() }
  fake.listeners[0]?.answer.destroy()
  await until(() => told.length === 1)
  await until(() => fake.listeners.length === 2)
  await stop()
  expect(told).toMatchObject([{ node: 'toy-1', code: 1 }])
})

test.skipIf(process.platform !== 'linux')(
  'a memory kill the engine is silent about is proven by the kernel’s count since the start',
  async () => {
    const { told, stop } = listen()
    await until(() => fake.listeners.length === 1)
    const answer = fake.listeners[0]?.answer
    const dir = runtimeDir(cluster())
    mkdirSync(dir, { recursive: true })
    const began = Date.now()
    const end = async (note: string, container: NonNullable<Fake['container']>) => {
      writeFileSync(join(dir, 'toy-1.oom-kills'), note)
      fake.container = container
      const before = told.length
      answer?.write(die(container.finishedAt, String(container.code)))
      await until(() => told.length > before)
      return told.at(-1)?.outOfMemory
    }
    const limited = { code: 137, memory: 1e8 }
    // No kill can have happened before the count began, and none after it came this far.
    expect(await end('id1 -1', { ...limited, finishedAt: began })).toBe(true)
    expect(await end(`id1 ${Number.MAX_SAFE_INTEGER}`, { ...limited, finishedAt: began + 1 })).toBe(false)
    expect(await end('another -1', { ...limited, finishedAt: began + 2 })).toBe(false)
    expect(await end('id1 -1', { code: 137, finishedAt: began + 3 })).toBe(false)
    expect(await end('id1 -1', { code: 1, memory: 1e8, finishedAt: began + 4 })).toBe(false)
    writeFileSync(join(dir, 'toy-1.stopped'), 'id1')
    expect(await end('id1 -1', { ...limited, finishedAt: began + 5 })).toBe(false)
    await stop()
  },
)
