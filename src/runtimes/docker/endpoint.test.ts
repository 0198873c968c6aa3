import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { candidates, describeEndpoint, isRemote, parseHost } from './endpoint.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-endpoint-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const around = (env: NodeJS.ProcessEnv = {}) => ({ env, home, uid: 1000 })

function put(path: string, content: unknown) {
  const file = join(home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}

function putContext(name: string, docker: Record<string, unknown>) {
  const folder = createHash('sha256').update(name).digest('hex')
  put(`.docker/contexts/meta/${folder}/meta.json`, { Name: name, Endpoints: { docker } })
  return folder
}

test('DOCKER_HOST is the only candidate, whatever the configuration says', () => {
  putContext('colima', { Host: 'unix:///colima.sock' })
  put('.docker/config.json', { currentContext: 'colima' })
  expect(candidates(around({ DOCKER_HOST: 'unix:///x/docker.sock', DOCKER_CONTEXT: 'colima' }))).toEqual([
    { type: 'unix', path: '/x/docker.sock', origin: 'DOCKER_HOST' },
  ])
})

test('every form of DOCKER_HOST is understood', () => {
  expect(parseHost('tcp://build.example:1234', 'DOCKER_HOST', undefined)).toEqual({
    type: 'tcp',
    host: 'build.example',
    port: 1234,
    origin: 'DOCKER_HOST',
  })
  expect(parseHost('build.example:1234', 'DOCKER_HOST', undefined)).toMatchObject({ type: 'tcp', host: 'build.example', port: 1234 })
  expect(parseHost('tcp://build.example', 'DOCKER_HOST', undefined)).toMatchObject({ port: 2375 })
  expect(parseHost('tcp://build.example', 'DOCKER_HOST', { verify: true })).toMatchObject({ port: 2376, tls: { verify: true } })
  expect(parseHost('tcp://[::1]:2375', 'DOCKER_HOST', undefined)).toMatchObject({ host: '::1', port: 2375 })
  expect(parseHost('https://build.example', 'DOCKER_HOST', undefined)).toMatchObject({ port: 2376, tls: { verify: true } })
  expect(parseHost('ssh://me@build.example:2222', 'DOCKER_HOST', undefined)).toEqual({
    type: 'ssh',
    host: 'build.example',
    port: 2222,
    user: 'me',
    origin: 'DOCKER_HOST',
  })
  expect(() => parseHost('npipe:////./pipe/docker_engine', 'DOCKER_HOST', undefined)).toThrow(/npipe:/)
  expect(() => parseHost('tcp://', 'DOCKER_HOST', undefined)).toThrow(expect.objectContaining({ code: 'RUNTIME_UNAVAILABLE' }))
})

test('DOCKER_TLS_VERIFY and DOCKER_CERT_PATH name the key material that exists', () => {
  put('certs/ca.pem', 'ca')
  put('certs/cert.pem', 'cert')
  const certs = join(home, 'certs')
  expect(candidates(around({ DOCKER_HOST: 'tcp://b:2376', DOCKER_CERT_PATH: certs, DOCKER_TLS_VERIFY: '1' }))).toEqual([
    {
      type: 'tcp',
      host: 'b',
      port: 2376,
      tls: { ca: join(certs, 'ca.pem'), cert: join(certs, 'cert.pem'), verify: true },
      origin: 'DOCKER_HOST',
    },
  ])
})

test('the current context of the configuration is used, DOCKER_CONTEXT before it, TLS files of a context with it', () => {
  putContext('colima', { Host: 'unix:///colima.sock' })
  const remote = putContext('remote', { Host: 'tcp://build.example:2376', SkipTLSVerify: true })
  put(`.docker/contexts/tls/${remote}/docker/ca.pem`, 'ca')
  put('.docker/config.json', { currentContext: 'colima' })
  expect(candidates(around())).toEqual([{ type: 'unix', path: '/colima.sock', origin: 'context colima' }])
  expect(candidates(around({ DOCKER_CONTEXT: 'remote' }))).toEqual([
    {
      type: 'tcp',
      host: 'build.example',
      port: 2376,
      tls: { ca: join(home, `.docker/contexts/tls/${remote}/docker/ca.pem`), verify: false },
      origin: 'context remote',
    },
  ])
  expect(candidates(around({ DOCKER_CONTEXT: 'default' })).length).toBeGreaterThan(5)
})

test('a context that does not exist is an error that names it', () => {
  expect(() => candidates(around({ DOCKER_CONTEXT: 'gone' }))).toThrow(
    expect.objectContaining({ code: 'RUNTIME_UNAVAILABLE', message: expect.stringContaining("'gone'") }),
  )
})

test('DOCKER_CONFIG moves the configuration', () => {
  putContext('colima', { Host: 'unix:///colima.sock' })
  put('.docker/config.json', { currentContext: 'colima' })
  expect(candidates({ env: { DOCKER_CONFIG: join(home, '.docker') }, home: '/nowhere', uid: 1 })).toEqual([
    { type: 'unix', path: '/colima.sock', origin: 'context colima' },
  ])
})

test('without a word from the user the well-known sockets are tried, rootful Docker first and Podman last', () => {
  const paths = candidates(around({ XDG_RUNTIME_DIR: '/run/user/1000' })).map((one) => (one.type === 'unix' ? one.path : ''))
  expect(paths[0]).toBe('/var/run/docker.sock')
  expect(paths).toContain('/run/user/1000/docker.sock')
  expect(paths).toContain(join(home, '.colima/default/docker.sock'))
  expect(paths).toContain(join(home, '.rd/docker.sock'))
  expect(paths.indexOf('/run/podman/podman.sock')).toBeGreaterThan(paths.indexOf(join(home, '.docker/run/docker.sock')))
})

test('an unreadable configuration is as good as none', () => {
  put('.docker/config.json', '{ not json')
  expect(candidates(around()).length).toBeGreaterThan(5)
})

test('only an engine that is not on loopback is remote', () => {
  const remote = (text: string) => isRemote(parseHost(text, 'test', undefined))
  expect(['unix:///x', 'tcp://127.0.0.1:1', 'tcp://localhost:1', 'tcp://[::1]:1'].map(remote)).toEqual([false, false, false, false])
  expect(['tcp://10.0.0.1:1', 'ssh://me@build.example'].map(remote)).toEqual([true, true])
  expect(describeEndpoint(parseHost('ssh://me@build.example:2222', 'test', undefined))).toBe('ssh://me@build.example:2222')
})
