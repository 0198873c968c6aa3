import { expect, it } from 'vitest'
import { Flags } from './command.ts'
import { processIo } from './io.ts'
import { toCopy } from './to-copy.ts'

function call(flags: Readonly<Record<string, readonly string[]>> = {}, env: NodeJS.ProcessEnv = { PATH: '/usr/bin:/opt/bin' }) {
  return { flags: new Flags(new Map(Object.entries(flags))), io: { ...processIo(true, () => undefined), env } }
}

it('must name the program as the shell finds it, and npx where it does not', () => {
  expect(toCopy('devcluster topics', call(), '/opt/bin/devcluster')).toBe('devcluster topics')
  expect(toCopy('devcluster topics', call(), '/srv/dist/devcluster.cjs')).toBe('npx devcluster topics')
  expect(
    toCopy('devcluster topics', call({}, { PATH: '/srv/node_modules/.bin', npm_command: 'exec' }), '/srv/node_modules/.bin/devcluster'),
  ).toBe('npx devcluster topics')
})

it('must name the same cluster', () => {
  expect(toCopy('devcluster topics', call({ file: ['a.yaml', "my cluster's.yaml"] }), '/opt/bin/devcluster')).toBe(
    "devcluster topics -f a.yaml -f 'my cluster'\\''s.yaml'",
  )
  expect(toCopy('devcluster topics', call({ id: ['shop-1'], file: ['a.yaml'] }), '/opt/bin/devcluster')).toBe(
    'devcluster topics --id shop-1',
  )
})
