import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { authHeader, credentialsFor } from './credentials.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-credentials-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const around = (env: NodeJS.ProcessEnv = {}) => ({ env: { PATH: `${home}/bin:/usr/bin:/bin`, ...env }, home, uid: 1 })
const basic = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString('base64')

function config(value: unknown) {
  mkdirSync(join(home, '.docker'), { recursive: true })
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify(value))
}

function helper(name: string, script: string) {
  mkdirSync(join(home, 'bin'), { recursive: true })
  const path = join(home, 'bin', `docker-credential-${name}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

test('without a configuration a pull is anonymous', async () => {
  expect(await credentialsFor('docker.io', around())).toBeUndefined()
})

test('inline credentials are found by registry, Docker Hub under its old name, URLs by their host', async () => {
  config({
    auths: {
      'https://index.docker.io/v1/': { auth: basic('me', 'a:b') },
      'https://r.example/v2/': { auth: basic('you', 'c') },
      'id.example': { identitytoken: 't' },
    },
  })
  expect(await credentialsFor('docker.io', around())).toEqual({
    username: 'me',
    password: 'a:b',
    serveraddress: 'https://index.docker.io/v1/',
  })
  expect(await credentialsFor('r.example', around())).toMatchObject({ username: 'you', password: 'c' })
  expect(await credentialsFor('id.example', around())).toEqual({ identitytoken: 't', serveraddress: 'id.example' })
  expect(await credentialsFor('other.example', around())).toBeUndefined()
})

test('a helper for the registry goes before the common store, and both before inline entries', async () => {
  helper('own', 'read host; echo "{\\"Username\\":\\"own-$host\\",\\"Secret\\":\\"s\\"}"')
  helper('store', 'read host; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"for-$host\\"}"')
  config({ auths: { 'r.example': {} }, credsStore: 'store', credHelpers: { 'r.example': 'own' } })
  expect(await credentialsFor('r.example', around())).toEqual({ username: 'own-r.example', password: 's', serveraddress: 'r.example' })
  expect(await credentialsFor('docker.io', around())).toEqual({
    identitytoken: 'for-https://index.docker.io/v1/',
    serveraddress: 'https://index.docker.io/v1/',
  })
})

test('a helper that is missing, fails or talks nonsense leaves the inline entry', async () => {
  helper('fails', 'echo "credentials not found"; exit 1')
  helper('nonsense', 'echo hello')
  for (const name of ['missing', 'fails', 'nonsense']) {
    config({ auths: { 'r.example': { auth: basic('me', 'p') } }, credsStore: name })
    expect(await credentialsFor('r.example', around())).toMatchObject({ username: 'me' })
  }
})

test('DOCKER_AUTH_CONFIG comes first', async () => {
  config({ auths: { 'r.example': { auth: basic('file', 'p') } } })
  expect(
    await credentialsFor(
      'r.example',
      around({ DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'r.example': { auth: basic('env', 'p') } } }) }),
    ),
  ).toMatchObject({ username: 'env' })
  expect(await credentialsFor('r.example', around({ DOCKER_AUTH_CONFIG: 'not json' }))).toMatchObject({ username: 'file' })
})

test('the header is URL-safe base64 of JSON', () => {
  const header = authHeader({ username: '>>>???', password: '~~~', serveraddress: 'x' })
  expect(header).not.toMatch(/[+/]/)
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ username: '>>>???', password: '~~~', serveraddress: 'x' })
})
