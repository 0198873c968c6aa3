// Keeps the layers: who may import whom, how large a file may grow, that the core names no service, that no host or path of ours is committed.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const src = join(root, 'src')

/** A file may import from its own folder and from lower layers. Root files of src/ are listed by name. */
const LAYERS: readonly (readonly string[])[] = [
  ['errors.ts', 'version.ts'],
  ['model', 'util'],
  ['config', 'render', 'format-error.ts'],
  ['services', 'plan', 'runtimes'],
  ['engine'],
  ['lifecycle'],
  ['cluster.ts'],
  ['index.ts', 'service.ts'],
  ['cli', 'testing'],
]
const MAX_LINES = 350

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)))
  .sort()

function roomOf(file: string): string {
  return file.split('/')[0] ?? file
}

function layerOf(file: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(roomOf(file)))
}

function importsOf(file: string): { target: string; typeOnly: boolean }[] {
  const text = readFileSync(join(src, file), 'utf8')
  const found: { target: string; typeOnly: boolean }[] = []
  for (const match of text.matchAll(/(?:^|\n)\s*(import|export)(\s+type)?\s[^'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g)) {
    const specifier = match[3] ?? match[4]
    if (specifier) found.push({ target: relative(src, resolve(dirname(join(src, file)), specifier)), typeOnly: match[2] !== undefined })
  }
  return found
}

const sources = files.filter((file) => !file.endsWith('.test.ts'))

test('every folder and root file of src has a layer', () => {
  expect([...new Set(files.map(roomOf))].filter((room) => layerOf(room) < 0)).toEqual([])
})

test('a file imports only from its own folder and from lower layers', () => {
  const breaches = sources.flatMap((file) =>
    importsOf(file)
      .filter(({ target }) => roomOf(target) !== roomOf(file) && layerOf(target) >= layerOf(file))
      .map(({ target }) => `${file} -> ${target}`),
  )
  expect(breaches).toEqual([])
})

test('runtimes import the model, util and errors only, and not each other', () => {
  const breaches = sources
    .filter((file) => file.startsWith('runtimes/'))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => {
          if (!target.startsWith('runtimes/')) return layerOf(target) > 1
          return target.split('/')[1] !== file.split('/')[1]
        })
        .map(({ target }) => `${file} -> ${target}`),
    )
  expect(breaches).toEqual([])
})

test('services do not import runtimes, the planner or the configuration layer', () => {
  const breaches = sources
    .filter((file) => file.startsWith('services/'))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => ['runtimes', 'plan', 'config'].includes(roomOf(target)))
        .map(({ target }) => `${file} -> ${target}`),
    )
  expect(breaches).toEqual([])
})

test('the core knows no service by name', () => {
  const kinds = readdirSync(join(src, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  const core = sources.filter((file) => !file.startsWith('services/') && roomOf(file) !== 'cli')
  const breaches = core.flatMap((file) => {
    const code = readFileSync(join(src, file), 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll(/(^|\s)\/\/.*$/gm, '')
    return kinds.filter((kind) => new RegExp(`['"\`]${kind}['"\`]`).test(code)).map((kind) => `${file}: ${kind}`)
  })
  expect(breaches).toEqual([])
})

test('only one file imports the registry of services, beside the generator', () => {
  const importers = sources.filter((file) => importsOf(file).some(({ target }) => target === 'services/registry.ts'))
  expect(importers).toEqual(['lifecycle/source.ts'])
})

test('heavy libraries stay in their rooms', () => {
  const rooms: Readonly<Record<string, RegExp>> = {
    dockerode: /^runtimes\/docker\//,
    listr2: /^cli\/progress\//,
    yaml: /^(config|cli\/commands)\//,
    jiti: /^config\//,
    'mvn-artifact-url': /^runtimes\/process\//,
    njre: /^runtimes\/process\//,
  }
  const breaches = sources.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8')
    return Object.entries(rooms)
      .filter(
        ([library, room]) => new RegExp(`from '${library}(/[^']*)?'|import\\('${library}(/[^']*)?'\\)`).test(text) && !room.test(file),
      )
      .map(([library]) => `${file}: ${library}`)
  })
  expect(breaches).toEqual([])
})

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const long = sources
    .map((file) => [file, readFileSync(join(src, file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > MAX_LINES)
  expect(long.map(([file, lines]) => `${file}: ${lines}`)).toEqual([])
})

test('every source file says first what it does', () => {
  const silent = sources.filter((file) => {
    const head = readFileSync(join(src, file), 'utf8').replace(/^#!.*\n/, '')
    return !/^(\/\/|\/\*\*?)/.test(head)
  })
  expect(silent).toEqual([])
})

test('nothing outside cli/main.ts and the detached helpers ends the process or writes to the console', () => {
  const allowed = new Set([
    'cli/main.ts',
    'runtimes/process/supervisor.ts',
    'runtimes/docker/watchdog.ts',
    'runtimes/process/java-fetch.ts',
  ])
  const breaches = sources.filter(
    (file) => !allowed.has(file) && /\bprocess\.exit\(|\bconsole\.\w+\(/.test(readFileSync(join(src, file), 'utf8')),
  )
  expect(breaches).toEqual([])
})

test('no committed file names a package registry or a home of ours, and the lock file carries no addresses', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && !/\.(png|jsa|checkpoint)$/.test(file))
  // Assembled, so that this file does not contain what it looks for.
  const forbidden = [
    ['registry', 'npmjs', 'org'],
    ['repo1', 'maven', 'org'],
    ['repo', 'maven', 'apache', 'org'],
    ['deb', 'debian', 'org'],
    ['files', 'pythonhosted', 'org'],
    ['proxy', 'golang', 'org'],
  ].map((parts) => parts.join('.'))
  const home = ['/work', 'main'].join('/')
  const breaches = tracked.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...forbidden, home].filter((needle) => text.includes(needle)).map((needle) => `${file}: ${needle}`)
  })
  expect(breaches).toEqual([])
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
})
