// One look at a scripted engine: what it takes for an answer, and what it does not.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { glance } from './glance.ts'

let dir: string
let server: Server | undefined
let asked = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devcluster-glance-'))
  asked = ''
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
  rmSync(dir, { recursive: true, force: true })
})

/** An engine that answers everything with this text, in two pieces, and hangs up. */
async function engine(answer: string): Promise<void> {
  const path = join(dir, 'engine.sock')
  vi.stubEnv('DOCKER_HOST', `unix://${path}`)
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (data) => {
      asked = data.toString('utf8')
      const half = Math.floor(answer.length / 2)
      socket.write(answer.slice(0, half))
      setTimeout(() => socket.end(answer.slice(half)), 5)
    })
  })
  await new Promise<void>((resolve) => server?.listen(path, resolve))
}

const LABELS = {
  'devcluster.node': 'kafka-1',
  'devcluster.service': 'kafka',
  'devcluster.fingerprint': 'f',
  'devcluster.ports': '{"client":9}',
}
const list = (...containers: object[]) => `HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(containers)}`

it('must ask for all containers of the cluster, and take each node from its labels', async () => {
  await engine(
    list(
      { Id: '0123456789abcdef', State: 'running', Labels: LABELS },
      { Id: 'b', State: 'removing', Labels: LABELS },
      { Id: 'c', State: 'running' },
    ),
  )
  expect(await glance('demo-1')).toEqual([
    {
      id: 'kafka-1',
      service: 'kafka',
      state: 'running',
      fingerprint: 'f',
      hostPorts: { client: 9 },
      handle: 'container 0123456789ab',
      standIn: false,
    },
  ])
  const [, path = ''] = asked.split(' ')
  expect(decodeURIComponent(path)).toBe('/containers/json?all=true&filters={"label":["devcluster.cluster=demo-1"]}')
})

it.each([
  ['another status', 'HTTP/1.0 500 Internal Server Error\r\n\r\n[]'],
  ['a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n'],
  ['an answer cut short', list({ Id: 'a' }).slice(0, -4)],
  ['no list', 'HTTP/1.0 200 OK\r\n\r\n{}'],
  ['no HTTP', 'SSH-2.0-something\r\n'],
])('must refuse %s', async (_what, answer) => {
  await engine(answer)
  await expect(glance('demo-1')).rejects.toThrow()
})

it.each(['tcp://127.0.0.1:1', 'unix:///nothing/here.sock'])('must refuse what is no local socket that answers: %s', async (host) => {
  vi.stubEnv('DOCKER_HOST', host)
  await expect(glance('demo-1')).rejects.toThrow()
})
