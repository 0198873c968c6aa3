// The built command line and one real broker as a process: from up to a consumed record, and what the short ways load.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createSandbox, MODULES, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox

const FILE = `name: shop
runtime: process
services:
  kafka:
    topics:
      orders: { partitions: 2, seed: { generate: { count: 20, key: "k{{i}}", value: { n: "{{i}}" } } } }
`

const lines = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

beforeAll(() => {
  sandbox = createSandbox()
  writeFileSync(join(sandbox.dir, 'devcluster.yaml'), FILE)
})
afterAll(async () => {
  await sandbox.run(['down'])
  sandbox.remove()
})

test('Ctrl-C while it starts: exit 130, and nothing is left', async () => {
  let sent = false
  const result = await sandbox.run(['up', '--json'], {
    onStdout: (text, child) => {
      if (sent || !text.includes('"state":"running"')) return
      sent = true
      child.kill('SIGINT')
    },
  })
  expect(result.code).toBe(130)
  expect(lines(result.stdout).at(-1)).toMatchObject({ type: 'result', state: 'failed', error: { code: 'ABORTED' } })
  expect(result.stderr).toContain('stopping in order')
  const status = await sandbox.run(['status'])
  expect(status.code).toBe(5)
  expect(existsSync(join(sandbox.home, 'clusters')) ? readdirSync(join(sandbox.home, 'clusters')) : []).toEqual([])
})

describe('a cluster that is up', () => {
  beforeAll(async () => {
    const result = await sandbox.run(['up', '--json'])
    expect(result.stderr).toBe('')
    expect(result.code).toBe(0)
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(new URL('../../schema/event.schema.json', import.meta.url), 'utf8')))
    const events = lines(result.stdout)
    for (const event of events) expect(schema.safeParse(event).success, JSON.stringify(event)).toBe(true)
    expect(events.at(-1)).toMatchObject({
      type: 'result',
      state: 'ok',
      data: { changed: true, env: { KAFKA_BOOTSTRAP_SERVERS: expect.stringMatching(/^127\.0\.0\.1:\d+$/) } },
    })
    expect(events.filter((event) => event.type === 'result').length).toBe(1)
  })

  test('up again has nothing to do and says how to reach it', async () => {
    const again = await sandbox.run(['up'])
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(again.stdout).toMatch(/ready, nothing to do/)
    expect(again.stdout).toMatch(/KAFKA_BOOTSTRAP_SERVERS +127\.0\.0\.1:\d+/)
    expect(again.stdout).toMatch(/try: npx devcluster consume orders/)
    expect(lines((await sandbox.run(['up', '--json'])).stdout)).toMatchObject([{ type: 'result', data: { changed: false } }])
  })

  test('a touched file alone, or another variable, does not make work; a changed one does', async () => {
    writeFileSync(join(sandbox.dir, 'devcluster.yaml'), FILE)
    expect((await sandbox.run(['up'], { env: { UNRELATED: 'x' } })).stderr).toBe('')
    appendFileSync(join(sandbox.dir, 'devcluster.yaml'), '      audit: "1:1"\n')
    const changed = await sandbox.run(['up'])
    expect(changed.code).toBe(0)
    expect((await sandbox.run(['topics'])).stdout).toMatch(/^audit/m)
  })

  test('the short ways must load nothing but our own small files', async () => {
    const hooks = join(sandbox.home, 'hooks')
    mkdirSync(hooks, { recursive: true })
    const log = join(hooks, 'loaded.txt')
    writeFileSync(
      join(hooks, 'register.mjs'),
      `import { register } from 'node:module'\nregister(${JSON.stringify(pathToFileURL(join(hooks, 'log.mjs')).href)})\n`,
    )
    writeFileSync(
      join(hooks, 'log.mjs'),
      `import { appendFileSync } from 'node:fs'\nexport async function load(url, context, next) { appendFileSync(${JSON.stringify(log)}, url + '\\n'); return next(url, context) }\n`,
    )
    const node = ['--import', pathToFileURL(join(hooks, 'register.mjs')).href]
    for (const args of [['--version'], ['--help'], ['status'], ['status', '--json'], ['up'], ['env'], ['ps'], ['port', 'kafka-1']]) {
      writeFileSync(log, '')
      expect((await sandbox.run(args, { node, main: MODULES })).code).toBe(0)
      const loaded = readFileSync(log, 'utf8')
        .split('\n')
        .filter((url) => url.startsWith('file:'))
      expect(loaded.length, args.join(' ')).toBeGreaterThan(0)
      expect(
        loaded.filter((url) => /node_modules|services\/registry|dist\/index\.js|config\/load|\/cluster\.js/.test(url)),
        args.join(' '),
      ).toEqual([])
    }
  })

  test('the built short ways must load a few files, and no built-in module that only rare ways need', async () => {
    const dump = join(sandbox.home, 'dump.cjs')
    writeFileSync(
      dump,
      `process.on('exit', () => require('node:fs').writeSync(2, JSON.stringify({ builtins: process.moduleLoadList, files: Object.keys(require.cache) })))\n`,
    )
    const ways = [
      { args: ['status'], files: ['devcluster', 'hot'], dear: ['crypto', 'fs/promises', 'perf_hooks', 'child_process'] },
      { args: ['status', '--json'], files: ['devcluster', 'flags', 'hot'], dear: ['crypto', 'fs/promises', 'perf_hooks', 'child_process'] },
      // Whether the file has changed is told by its hash.
      { args: ['up'], files: ['devcluster', 'hot'], dear: ['fs/promises', 'perf_hooks', 'child_process'] },
      {
        args: ['up', '-f', 'devcluster.yaml'],
        files: ['devcluster', 'flags', 'hot'],
        dear: ['fs/promises', 'perf_hooks', 'child_process'],
      },
    ]
    for (const { args, files, dear } of ways) {
      const { code, stderr } = await sandbox.run(args, { node: ['--require', dump] })
      expect(code, args.join(' ')).toBe(0)
      const loaded: { builtins: string[]; files: string[] } = JSON.parse(stderr)
      const names = loaded.files.filter((file) => file !== dump).map((file) => basename(file).replace(/(-[\w-]{8})?\.cjs$/, ''))
      expect(names.sort(), args.join(' ')).toEqual(files)
      expect(
        dear.filter((name) => loaded.builtins.includes(`NativeModule ${name}`)),
        args.join(' '),
      ).toEqual([])
    }
  })

  test('status, ps, port and env agree', async () => {
    const status = JSON.parse((await sandbox.run(['status', '--json'])).stdout)
    expect(status).toMatchObject({ v: 1, name: 'shop', ready: true, persistent: true, nodes: [{ id: 'kafka-1', state: 'ready' }] })
    const address = (await sandbox.run(['port', 'kafka-1', 'client'])).stdout.trim()
    expect(Object.values(status.nodes[0].ports)).toContain(address)
    expect((await sandbox.run(['env'])).stdout).toBe(`KAFKA_BOOTSTRAP_SERVERS=${address}\n`)
    expect(JSON.parse((await sandbox.run(['env', '--json'])).stdout)).toEqual({ KAFKA_BOOTSTRAP_SERVERS: address })
    expect((await sandbox.run(['ps'])).stdout).toContain(status.id)
    expect((await sandbox.run(['env', '--id', status.id, '-f', '/nowhere/x.yaml'])).stdout).toContain(address)
  })

  test('records go in and come out', async () => {
    expect((await sandbox.run(['produce', 'orders', '--key-separator', ':'], { input: 'a:one\nb:two\n' })).code).toBe(0)
    const values = (await sandbox.run(['consume', 'orders'])).stdout.split('\n').filter(Boolean)
    expect(values.length).toBe(22)
    expect(values).toEqual(expect.arrayContaining(['one', 'two', '{"n":20}']))
    expect(lines((await sandbox.run(['consume', 'orders', '-n', '3', '--json'])).stdout).length).toBe(3)
    expect((await sandbox.run(['consume', 'nothing'])).code).toBe(2)
  })

  test('exec passes the exit code and the streams through', async () => {
    const result = await sandbox.run(['exec', 'kafka-1', '--', 'sh', '-c', 'cat; echo no >&2; exit 7'], { input: 'through' })
    expect(result).toMatchObject({ code: 7, stdout: 'through', stderr: 'no\n' })
    expect((await sandbox.run(['exec', 'kafka-9', '--', 'true'])).code).toBe(5)
  })

  test('a tool of the node needs no address, and takes one', async () => {
    const listed = await sandbox.run(['exec', 'kafka-1', '--', 'kafka-topics', '--list'])
    expect(listed.code).toBe(0)
    expect(listed.stdout.split('\n')).toContain('orders')
    const address = (await sandbox.run(['port', 'kafka-1', 'client'])).stdout.trim()
    expect((await sandbox.run(['exec', 'kafka-1', '--', 'kafka-topics', '--bootstrap-server', address, '--list'])).stdout).toBe(
      listed.stdout,
    )
    expect((await sandbox.run(['exec', 'kafka-1', '--', 'kafka-topcs'])).stderr).toContain('hint: did you mean kafka-topics?')
  })

  test('a look at the end says what is missing, and what is not for containers is told', async () => {
    expect(await sandbox.run(['consume', 'orders', '--from', 'end', '-n', '1'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('--follow'),
    })
    expect((await sandbox.run(['env', '--from', 'container'])).stderr).toContain('processes of this machine')
    expect(JSON.parse((await sandbox.run(['topics', '--json'])).stdout)).toMatchObject({ v: 1, service: 'kafka' })
    const { id } = JSON.parse((await sandbox.run(['status', '--json'])).stdout)
    const other = { env: { DEVCLUSTER_HOME: join(sandbox.home, 'other') } }
    expect((await sandbox.run(['ps'], other)).stdout).not.toContain(id)
    const row = (await sandbox.run(['ps', '--all'], other)).stdout.split('\n').find((line) => line.startsWith(id))
    expect(row).toMatch(/ elsewhere /)
    expect(row).toContain(`state in ${sandbox.home}`)
  })

  test('open says that there is no page', async () => {
    const result = await sandbox.run(['open', 'kafka'])
    expect(result.code).toBe(2)
    expect(result.stderr).toContain('kafka has no web page')
  })

  test('logs can be cut by count and given as JSON', async () => {
    expect((await sandbox.run(['logs', '--tail', '3'])).stdout.split('\n').filter(Boolean).length).toBe(3)
    expect(lines((await sandbox.run(['logs', 'kafka-1', '-n', '2', '--json'])).stdout)).toMatchObject([
      { node: 'kafka-1' },
      { node: 'kafka-1' },
    ])
  })

  test('a killed node: status exits 6 and says why, up repairs it', async () => {
    expect((await sandbox.run(['kill', 'kafka-1'])).stdout).toBe('killed: kafka-1\n')
    const down = await sandbox.run(['status'])
    expect(down.code).toBe(6)
    expect(down.stdout).toContain('SIGKILL')
    const waited = await sandbox.run(['wait', 'kafka-1'])
    expect(waited.code).toBe(4)
    expect(waited.stderr).toContain('kafka-1 does not run: devcluster killed it')
    expect(waited.stderr).toContain('hint: devcluster start kafka-1, or devcluster up')
    expect(waited.stderr).not.toContain('INFO')
    expect((await sandbox.run(['topics'])).stderr).toContain('hint: devcluster up')
    const repaired = await sandbox.run(['up', '--timings'])
    expect(repaired.code).toBe(0)
    expect(repaired.stdout).toMatch(/critical path:\n[^]*start kafka-1[^]*all steps:/)
    expect(JSON.parse((await sandbox.run(['status', '--json'])).stdout).ready).toBe(true)
  })

  test('reset brings back the seeded state', async () => {
    expect((await sandbox.run(['reset'])).code).toBe(0)
    expect((await sandbox.run(['consume', 'orders'])).stdout.split('\n').filter(Boolean).length).toBe(20)
  })

  test('a broken file does not keep status, env and down from working', async () => {
    writeFileSync(join(sandbox.dir, 'devcluster.yaml'), 'services: [')
    expect((await sandbox.run(['status'])).code).toBe(0)
    expect((await sandbox.run(['env'])).stdout).toContain('KAFKA_BOOTSTRAP_SERVERS')
    const removed = await sandbox.run(['down'])
    expect(removed.code).toBe(0)
    expect(removed.stdout).toMatch(/removed\n[^]*kafka-1/)
    expect((await sandbox.run(['down'])).stdout).toMatch(/nothing to remove/)
  })
})
