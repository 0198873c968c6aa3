import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toyDefinitions } from '../../test/helpers/toy-services.ts'
import { isDevclusterError } from '../errors.ts'
import { type LoadRequest, loadSpec, requireSpec } from './load.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devcluster-load-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(dir, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const load = (request: Partial<LoadRequest> = {}) => loadSpec({ cwd: dir, env: {}, ...request }, toyDefinitions)

/** The specification of a document that must be right. */
async function spec(request: Partial<LoadRequest> = {}) {
  const loaded = await load(request)
  return requireSpec(loaded)
}

/** `path: message` of each finding. */
async function findings(text: string, request: Partial<LoadRequest> = {}) {
  const { diagnostics } = await load({ files: [write('devcluster.yaml', text)], ...request })
  return diagnostics.map((item) => `${item.severity} ${item.path}: ${item.message}`)
}

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('finding', () => {
  test('the nearest file upwards must be used, yaml before json', async () => {
    write('devcluster.yaml', 'name: top\nservices: { toy: }')
    write('a/devcluster.json', '{"name":"json","services":{"toy":{}}}')
    mkdirSync(join(dir, 'a/b/c'), { recursive: true })
    expect((await spec({ cwd: join(dir, 'a/b/c') })).name).toBe('json')
    write('a/devcluster.yml', 'name: yml\nservices: { toy: }')
    expect((await spec({ cwd: join(dir, 'a/b/c') })).name).toBe('yml')
    expect((await spec()).name).toBe('top')
  })

  test('no file at all must be CONFIG_NOT_FOUND with what to do', async () => {
    const error = await thrown(load())
    expect(isDevclusterError(error) && [error.code, error.hint]).toEqual(['CONFIG_NOT_FOUND', expect.stringContaining('devcluster init')])
  })

  test('a named file that is absent must be CONFIG_NOT_FOUND', async () => {
    const error = await thrown(spec({ files: ['nothing.yaml'] }))
    expect(isDevclusterError(error) && error.code).toBe('CONFIG_NOT_FOUND')
  })
})

describe('identity', () => {
  test('the id must come from the name and the real path of the first file', async () => {
    write('My App_2/devcluster.yaml', 'services: { toy: {} }')
    const folder = join(dir, 'My App_2')
    const made = await spec({ cwd: folder })
    const hash = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 8)
    expect([made.name, made.id, made.dir]).toEqual(['my-app-2', `my-app-2-${hash}`, folder])
    symlinkSync(folder, join(dir, 'link'))
    expect((await spec({ files: [join(dir, 'link/devcluster.yaml')] })).id).toContain(hash)
  })

  test('an object must get a random id unless one is given', async () => {
    const object = { name: 'shop', services: { toy: {} } }
    const [one, two] = [await spec({ object }), await spec({ object })]
    expect(one.id).toMatch(/^shop-[0-9a-f]{8}$/)
    expect(one.id).not.toBe(two.id)
    expect(one.dir).toBeUndefined()
    expect((await spec({ object, id: 'mine' })).id).toBe('mine')
  })
})

describe('options', () => {
  test('an entry without options must be a service with defaults, and an empty option one not given', async () => {
    write('devcluster.yaml', 'services:\n  toy:\n  other: { kind: toy, nodes: , labels: }\n')
    const { services } = await spec()
    expect(services.map(({ name, options }) => [name, options])).toEqual([
      ['toy', { nodes: 1, port: 'auto', mode: 'plain', delayMs: 0, labels: {}, seeds: {} }],
      ['other', { nodes: 1, port: 'auto', mode: 'plain', delayMs: 0, labels: {}, seeds: {} }],
    ])
  })

  test('common keys must reach the service', async () => {
    mkdirSync(join(dir, 'plugins'))
    write(
      'devcluster.yaml',
      'bind: 0.0.0.0\nmirrors: { docker.io: mirror.example }\nservices: { toy: { image: a/b:1, env: { A: 1, B: true, C: x }, resources: { memory: 1.5g, cpus: 0.5 }, debug: 5005, volumes: ["./plugins:/opt/plugins:ro"] } }',
    )
    const made = await spec()
    expect(made).toMatchObject({ bind: '0.0.0.0', bindIsExplicit: true, mirrors: { 'docker.io': 'mirror.example' } })
    expect(made.services[0]).toMatchObject({
      image: 'a/b:1',
      env: { A: '1', B: 'true', C: 'x' },
      resources: { memoryBytes: 1.5 * 1024 ** 3, cpus: 0.5 },
      debug: 5005,
      volumes: [`${join(dir, 'plugins')}:/opt/plugins:ro`],
    })
  })

  test('files must be absolute against the file that names them, in short forms and in the printed document too', async () => {
    write('base/base.yaml', 'services: { toy: { data: ./data.txt } }')
    write('base/data.txt', 'x')
    write('seed.txt', 'y')
    write('devcluster.yaml', 'extends: base/base.yaml\nservices: { toy: { seeds: { a: seed.txt, b: { file: ./seed.txt } } } }')
    const loaded = await load()
    expect(requireSpec(loaded).services[0]?.options).toMatchObject({
      data: join(dir, 'base/data.txt'),
      seeds: { a: { file: join(dir, 'seed.txt') }, b: { file: join(dir, 'seed.txt') } },
    })
    expect(loaded.tree).toEqual({
      services: { toy: { data: join(dir, 'base/data.txt'), seeds: { a: join(dir, 'seed.txt'), b: { file: join(dir, 'seed.txt') } } } },
    })
    expect(loaded.inputs.references.map((item) => item.path).sort()).toEqual([join(dir, 'base/data.txt'), join(dir, 'seed.txt')])
  })

  test('a variable must be typed as the option wants it', async () => {
    write('devcluster.yaml', 'services: { toy: { nodes: "${N}", message: "${V}", env: { P: "${V}" } } }')
    const { services } = await spec({ env: { N: '3', V: '4.30' } })
    expect(services[0]).toMatchObject({ options: { nodes: 3, message: '4.30' }, env: { P: '4.3' } })
  })

  test('the environment must win over .env, which must win over the default', async () => {
    write('.env', 'A=from-file\nB="quoted # text"\n')
    write('devcluster.yaml', 'services: { toy: { labels: { a: "${A:-d}", b: "${B:-d}", c: "${C:-d}" } } }')
    expect((await spec()).services[0]?.options).toMatchObject({ labels: { a: 'from-file', b: 'quoted # text', c: 'd' } })
    const made = await spec({ env: { A: 'from-env' } })
    expect(made.services[0]?.options).toMatchObject({ labels: { a: 'from-env' } })
    expect(made.files).toContain(join(dir, '.env'))
  })
})

describe('layers', () => {
  test('extends, repeated files and --set must be laid over each other in this order', async () => {
    write('base.yaml', 'name: base\nservices: { toy: { nodes: 1, message: base, delayMs: 1 }, gone: { kind: toy } }')
    const one = write('one.yaml', 'extends: ./base.yaml\nservices: { toy: { nodes: 2, message: one } }')
    const two = write('two.yaml', 'services: { toy: { message: two }, gone: null }')
    const made = await spec({ files: [one, two], sets: ['services.toy.message=set', 'name=flag'] })
    expect(made.name).toBe('flag')
    expect(made.services.map((service) => service.name)).toEqual(['toy'])
    expect(made.services[0]?.options).toMatchObject({ nodes: 2, message: 'set', delayMs: 1 })
    expect(made.files).toEqual([join(dir, 'base.yaml'), one, two])
  })

  test('a mistake must be shown in the file, or at the flag, that supplied it', async () => {
    write('base.yaml', 'services:\n  toy:\n    nodes: many\n')
    const one = write('one.yaml', 'extends: ./base.yaml\nname: one\n')
    const { diagnostics } = await load({ files: [one], sets: ['services.toy.port=x'] })
    expect(diagnostics).toMatchObject([
      { file: join(dir, 'base.yaml'), line: 3, column: 12 },
      { file: '--set services.toy.port=x', line: 1, column: 19 },
    ])
  })

  test('a shared base extended twice must not count as a circle', async () => {
    write('root.yaml', 'services: { toy: {} }')
    write('a.yaml', 'extends: root.yaml')
    write('b.yaml', 'extends: root.yaml')
    expect((await spec({ files: [write('c.yaml', 'extends: [a.yaml, b.yaml]')] })).services).toHaveLength(1)
  })
})

describe('profiles', () => {
  const text =
    'name: p\nservices:\n  toy: {}\n  extra: { kind: toy, profiles: [extra] }\n  more: { kind: toy, profiles: more, needs: [extra] }\n'
  const names = async (request: Partial<LoadRequest>) => {
    write('devcluster.yaml', text)
    return (await spec(request)).services.map((service) => service.name)
  }

  test('a service of an inactive profile must take no part', async () => {
    expect(await names({})).toEqual(['toy'])
    expect(await names({ profiles: ['extra'] })).toEqual(['toy', 'extra'])
    expect(await names({ env: { DEVCLUSTER_PROFILES: 'extra, more' } })).toEqual(['toy', 'extra', 'more'])
    expect(await names({ profiles: ['*'] })).toEqual(['toy', 'extra', 'more'])
  })

  test('a need on an inactive service must name its profile', async () => {
    expect(await findings(text, { profiles: ['more'] })).toEqual([
      'error services.more.needs[0]: more needs extra, which is inactive: its profile is "extra"',
    ])
  })

  test('a profile that no service has must be a warning, and no active service an error', async () => {
    expect(await findings(text, { profiles: ['extrra'] })).toEqual(['warning services: no service has the profile "extrra"'])
    expect(await findings('name: p\nservices: { toy: { profiles: [x] } }')).toEqual([
      expect.stringMatching(/^error services: every service/),
    ])
  })
})

describe('services together', () => {
  test('a reference must be a need, and an implied service must be there', async () => {
    write('devcluster.yaml', 'services: { pair: {} }')
    const { services } = await spec()
    expect(services.map(({ name, kind, implied, needs }) => ({ name, kind, implied, needs }))).toEqual([
      { name: 'pair', kind: 'pair', implied: false, needs: ['toy'] },
      { name: 'toy', kind: 'toy', implied: true, needs: [] },
    ])
    write('devcluster.yaml', 'services: { pair: { needs: [mine] }, mine: { kind: toy } }')
    expect((await spec()).services.map(({ name, needs }) => [name, needs])).toEqual([
      ['pair', ['mine']],
      ['mine', []],
    ])
  })

  test('a circle must be named once, whoever is asked first', async () => {
    const text =
      'services: { a: { kind: toy, needs: [b] }, b: { kind: toy, needs: [c] }, c: { kind: toy, needs: [a] }, d: { kind: toy, needs: [a] } }'
    expect(await findings(text)).toEqual(['error services.c.needs[0]: services need each other in a circle: a -> b -> c -> a'])
  })

  test('fixed ports used twice must be found, also where nodes count up', async () => {
    expect(await findings('services: { a: { kind: toy, nodes: 3, port: 7000 }, b: { kind: toy, port: 7002 } }')).toEqual([
      'error services.b.port: port 7002 is used twice: by b-1 (client) and a-3 (client)',
    ])
    expect(await findings('services: { a: { kind: toy, nodes: 3, port: 7000 }, b: { kind: toy, port: 7003 } }')).toEqual([])
  })

  test('a kind that the runtime cannot run must be RUNTIME_UNSUPPORTED with its place', async () => {
    write('devcluster.yaml', 'services:\n  pair: {}\n')
    const loaded = await load({ runtime: 'docker' })
    expect(loaded.diagnostics).toMatchObject([{ code: 'RUNTIME_UNSUPPORTED', line: 2, column: 3 }])
    const error = await thrown(Promise.resolve().then(() => requireSpec(loaded)))
    expect(isDevclusterError(error) && error.code).toBe('RUNTIME_UNSUPPORTED')
    expect((await spec({ runtime: 'process' })).runtime).toBe('process')
  })
})

describe('results', () => {
  test('the specification must be frozen and survive JSON', async () => {
    const made = await spec({ object: { services: { toy: { seeds: { a: { copies: 1 } } } } } })
    expect(JSON.parse(JSON.stringify(made))).toEqual(made)
    expect(Object.isFrozen(made) && Object.isFrozen(made.services[0]?.options)).toBe(true)
  })

  test('CONFIG_INVALID must carry every diagnostic and its text', async () => {
    write('devcluster.yaml', 'services: { toy: { nodes: three, x: 1 } }')
    const error = await thrown(spec())
    if (!isDevclusterError(error)) throw new Error('expected a DevclusterError')
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.data['diagnostics']).toHaveLength(2)
    expect(error.message).toContain('nodes: expected a whole number from 1 to 9, got "three"')
    expect(error.message).toContain('^^^^^')
  })

  test('an object must be pointed into by path', async () => {
    const { diagnostics } = await load({ object: { services: { toy: { nodes: 12 } } } })
    expect(diagnostics).toEqual([
      {
        severity: 'error',
        code: 'CONFIG_INVALID',
        path: 'services.toy.nodes',
        message: 'nodes: expected a whole number from 1 to 9, got 12',
      },
    ])
  })

  test('a value from a variable must say so', async () => {
    expect(await findings('services: { toy: { nodes: "${N}" } }', { env: { N: '12' } })).toEqual([
      'error services.toy.nodes: nodes: expected a whole number from 1 to 9, got 12 (from N)',
    ])
  })

  test('keys that begin with x- must be left alone', async () => {
    expect(await findings('x-common: &c { nodes: 2 }\nservices: { toy: { <<: *c } }')).toEqual([])
  })
})
