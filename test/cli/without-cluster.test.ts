// The built command line where nothing runs: usage, files, starters, errors. Starts no node.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { VERSION } from '../../src/version.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox.remove())

const write = (text: string) => writeFileSync(join(sandbox.dir, 'devcluster.yaml'), text)

test('--version prints the version of the package', async () => {
  expect(await sandbox.run(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
  expect(await sandbox.run(['--json', '--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n` })
})

test('help goes to stdout when asked for and to stderr when nothing was asked', async () => {
  const asked = await sandbox.run(['--help'])
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  expect(asked.stdout).toContain('usage: devcluster')
  expect(await sandbox.run([])).toMatchObject({ code: 2, stdout: '', stderr: asked.stdout })
})

test('help COMMAND is COMMAND --help', async () => {
  expect(await sandbox.run(['help', 'up'])).toEqual(await sandbox.run(['up', '--help']))
  expect(await sandbox.run(['help'])).toEqual(await sandbox.run(['--help']))
  expect((await sandbox.run(['help', 'stauts'])).stderr).toContain('did you mean status?')
})

test('an unknown command suggests the nearest and exits 2', async () => {
  expect(await sandbox.run(['stauts'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'error USAGE: there is no command stauts\nhint: did you mean status? devcluster --help lists all\n',
  })
})

test('without a cluster file: exit 2, and with --json a document', async () => {
  const plain = await sandbox.run(['validate'])
  expect(plain.code).toBe(2)
  expect(plain.stderr).toContain('error CONFIG_NOT_FOUND')
  const json = await sandbox.run(['validate', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ v: 1, error: { code: 'CONFIG_NOT_FOUND' } })
})

test('a cluster that does not exist: exit 5, of down too when it is named; else down is content', async () => {
  expect((await sandbox.run(['status', '--id', 'none-00000000'])).code).toBe(5)
  const down = await sandbox.run(['down', '--id', 'none-00000000'])
  expect(down).toMatchObject({ code: 5, stdout: '' })
  expect(down.stderr).toContain('error CLUSTER_NOT_FOUND: no cluster none-00000000 here')
  write('name: never\nservices:\n  kafka: {}\n')
  const content = await sandbox.run(['down'])
  expect(content.code).toBe(0)
  expect(content.stdout).toMatch(/^never-[0-9a-f]{8}: nothing to remove\n$/)
})

test('plan and render leave nothing behind, and need no state that can be written', async () => {
  write('runtime: process\nservices:\n  kafka: {}\n')
  const ports = async (folder: string, env: Record<string, string>) => {
    expect((await sandbox.run(['plan'], { env })).code).toBe(0)
    expect((await sandbox.run(['render', folder, '--json'], { env })).code).toBe(0)
    return JSON.parse(readFileSync(join(sandbox.dir, folder, 'kafka-1', 'launch.json'), 'utf8')).place.ports
  }
  const first = await ports('rendered-1', {})
  expect(existsSync(join(sandbox.home, 'clusters'))).toBe(false)
  const file = join(sandbox.dir, 'not-a-folder')
  writeFileSync(file, '')
  // The same again without any memory: the first choice follows from the names.
  expect(await ports('rendered-2', { DEVCLUSTER_HOME: file })).toEqual(first)
})

test('a state folder that cannot be written has a code and a hint in every command that writes', async () => {
  write('runtime: process\nservices:\n  kafka: {}\n')
  const file = join(sandbox.dir, 'not-a-folder')
  writeFileSync(file, '')
  for (const args of [['up'], ['down'], ['wait']]) {
    const result = await sandbox.run(args, { env: { DEVCLUSTER_HOME: file } })
    expect(result, args.join(' ')).toMatchObject({ code: 4, stdout: '' })
    expect(result.stderr, args.join(' ')).toMatch(/^error STATE_UNWRITABLE: [^]*\nhint: make it writable, or point DEVCLUSTER_HOME/m)
  }
})

test('down removes what a failed up left, and says so', async () => {
  write('name: failed\nruntime: process\nservices:\n  kafka: {}\n')
  const { cluster } = JSON.parse((await sandbox.run(['validate', '--json'])).stdout)
  const folder = join(sandbox.home, 'clusters', cluster)
  mkdirSync(join(folder, 'reports', '2026-01-01'), { recursive: true })
  expect(await sandbox.run(['down'])).toMatchObject({ code: 0, stdout: `${cluster}: removed\n  ${folder}\n` })
  expect(existsSync(folder)).toBe(false)
})

test('--quiet leaves errors and data', async () => {
  write('services:\n  kafka: {}\n')
  expect(await sandbox.run(['validate', '-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await sandbox.run(['init', '-q', '-o', 'quiet.yaml'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect((await sandbox.run(['config', '-q'])).stdout).toContain('kafka')
  expect((await sandbox.run(['validate', '-q', '-f', 'nowhere.yaml'])).stderr).toContain('error')
})

test('a module that imports the package where it is not installed has a remedy', async () => {
  writeFileSync(
    join(sandbox.dir, 'module.ts'),
    "import { defineCluster } from 'devcluster'\nexport default defineCluster({ services: { kafka: {} } })\n",
  )
  const result = await sandbox.run(['validate', '-f', 'module.ts'])
  expect(result.code).toBe(2)
  expect(result.stderr).toContain('npm install --save-dev devcluster, or export a plain object')
})

test('--set with a dotted key has the way to write it', async () => {
  write('services:\n  kafka: {}\n')
  const result = await sandbox.run(['validate', '--set', 'services.kafka.config.log.retention.hours=1'])
  expect(result.code).toBe(2)
  expect(result.stderr).toContain('services.kafka.config["log.retention.hours"]=1')
  expect((await sandbox.run(['validate', '--set', 'services.kafka.config["log.retention.hours"]=1'])).code).toBe(0)
})

test('no colours where no terminal is', async () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  for (const args of [['stauts'], ['doctor'], ['init', '--list']]) expect(JSON.stringify(await sandbox.run(args))).not.toMatch(/\\u001b/)
})

describe('init', () => {
  test('every starter must be valid', async () => {
    const list = JSON.parse((await sandbox.run(['init', '--list', '--json'])).stdout)
    expect(list.templates.length).toBeGreaterThanOrEqual(3)
    for (const { name } of list.templates) {
      expect((await sandbox.run(['init', name, '--force'])).code).toBe(0)
      const checked = await sandbox.run(['validate'])
      expect(checked.stderr).toBe('')
      expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: \d services?, \d+ nodes?\n$/) })
    }
  })

  test('a file that exists is not replaced', async () => {
    write('services: { mine: {} }')
    const result = await sandbox.run(['init'])
    expect(result.code).toBe(2)
    expect(result.stderr).toContain('is there already')
    expect(readFileSync(join(sandbox.dir, 'devcluster.yaml'), 'utf8')).toBe('services: { mine: {} }')
  })
})

test('a file with many mistakes: all of them with carets, exit 2, nothing started', async () => {
  write(
    [
      'name: Shop',
      'runtime: podman',
      'services:',
      '  kafka:',
      '    brokrs: 3',
      '    brokers: many',
      '    tuning: fast',
      '    topics: { a: "3:9", "b c": "1:1" }',
      '  zookeper: {}',
      '',
    ].join('\n'),
  )
  const result = await sandbox.run(['up'])
  expect(result.code).toBe(2)
  expect(result.stdout).toBe('')
  expect(result.stderr).toContain('did you mean')
  for (const line of [1, 2, 5, 6, 7, 9]) expect(result.stderr).toMatch(new RegExp(`devcluster\\.yaml:${line}:\\d+`))
  expect(
    JSON.parse((await sandbox.run(['ps', '--json'])).stdout).clusters.filter((cluster: { dir?: string }) => cluster.dir === sandbox.dir),
  ).toEqual([])
})

describe('what a file means', () => {
  beforeAll(() => write('name: shop\nservices: { kafka: { brokers: 2, topics: { orders: "4:2" } } }\n'))

  test('config prints it resolved, and --set wins', async () => {
    expect(parse((await sandbox.run(['config', '--set', 'services.kafka.brokers=3'])).stdout)).toEqual({
      name: 'shop',
      services: { kafka: { brokers: 3, topics: { orders: '4:2' } } },
    })
  })

  test('plan --explain gives each setting its origin and reason', async () => {
    const planned = JSON.parse((await sandbox.run(['plan', '--explain', '--json', '--runtime', 'process'])).stdout)
    expect(planned.steps.map((step: { id: string }) => step.id)).toEqual(
      expect.arrayContaining(['start kafka-1', 'start kafka-2', 'seed kafka']),
    )
    for (const setting of planned.explain['kafka-1'])
      expect(setting).toMatchObject({
        setting: expect.any(String),
        value: expect.any(String),
        origin: expect.stringMatching(/^(file|tuning|derived|default)$/),
        why: expect.stringMatching(/./),
      })
    const text = (await sandbox.run(['plan', '--explain', '--runtime', 'process'])).stdout
    expect(text).toMatch(/^ {2}SETTING +VALUE +ORIGIN +WHY$/m)
    expect((await sandbox.run(['up', '--dry-run', '--runtime', 'process'])).stdout).toContain('start kafka-1')
  })

  test('render writes the files and the command of each node', async () => {
    const result = await sandbox.run(['render', 'out', '--runtime', 'process'])
    expect(result.code).toBe(0)
    const nodes = readdirSync(join(sandbox.dir, 'out')).filter((name) => name.startsWith('kafka'))
    expect(nodes).toEqual(['kafka-1', 'kafka-2', 'kafka-controller-1'])
    const launch = JSON.parse(readFileSync(join(sandbox.dir, 'out', 'kafka-1', 'launch.json'), 'utf8'))
    expect(launch).toMatchObject({ node: 'kafka-1', via: 'process', env: expect.any(Object) })
    expect(readdirSync(join(sandbox.dir, 'out', 'kafka-1', 'config')).length).toBeGreaterThan(0)
    expect((await sandbox.run(['render', 'out'])).stderr).toContain('is not empty')
  })
})

test('schemas are printed as shipped', async () => {
  expect(JSON.parse((await sandbox.run(['schema'])).stdout)).toHaveProperty('properties.services')
  expect(JSON.parse((await sandbox.run(['schema', '--event'])).stdout)).toHaveProperty('title', 'devcluster event')
})
