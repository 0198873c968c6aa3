// The demonstration on processes, as a newcomer runs it, and the errors a newcomer meets first.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorld, type World } from '../helpers/world.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('npm run demo reads back every record it seeded, and removes itself', async () => {
  const home = mkdtempSync(join(tmpdir(), 'devcluster-demo-'))
  try {
    const { stdout } = await promisify(execFile)('npm', ['run', 'demo', '--', '--runtime', 'process'], {
      cwd: root,
      env: { ...process.env, DEVCLUSTER_HOME: home },
      maxBuffer: 1 << 24,
    })
    expect(stdout).toContain('11943 seeded records went in, 11943 came out; 1000 more were produced, 1000 consumed')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

let world: World
beforeEach(() => {
  world = openWorld('process')
})
afterEach(() => {
  world.close()
})

test('a file with eight mistakes prints all eight with carets, exits 2 and starts nothing', async () => {
  const file = `name: Broken Name
services:
  kafka:
    brokerz: 3
    mode: kraftt
    port: 99999
    topics:
      orders: { partitions: 0, replicas: 1 }
      audit: "3:9:compact"
      "bad topic": "1:1"
    needs: [rabbit]
`
  writeFileSync(join(world.dir, 'devcluster.yaml'), file)
  const { code, stdout, stderr } = await world.cli(['up', ...world.flags])
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.match(/^\s*\|?.*\^+/gm)?.length ?? 0).toBeGreaterThanOrEqual(8)
  expect(stderr).toContain('brokers')
  expect((await world.cli(['ps', '--json'])).stdout).not.toContain('broken-name')
})

test('a wish for docker without an engine exits 3 and says what to do', async () => {
  writeFileSync(join(world.dir, 'devcluster.yaml'), 'name: lone\nservices: { kafka: {} }\n')
  const before = process.env['DOCKER_HOST']
  process.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock'
  try {
    const { code, stderr } = await world.cli(['up', '--runtime', 'docker'])
    expect(code).toBe(3)
    expect(stderr).toContain('RUNTIME_UNAVAILABLE')
    expect(stderr).toContain('runtime: process')
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
  }
})

test('a fixed port that is taken names its owner, and nothing is started', async () => {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    writeFileSync(join(world.dir, 'devcluster.yaml'), `name: taken\nservices: { kafka: { port: ${port} } }\n`)
    const { code, stderr } = await world.cli(['up', ...world.flags])
    expect(code).toBe(4)
    expect(stderr).toContain('PORT_TAKEN')
    expect(stderr).toContain(`pid ${process.pid}`)
    expect((await world.cli(['ps', '--json'])).stdout).not.toContain('taken-')
  } finally {
    server.close()
  }
})
