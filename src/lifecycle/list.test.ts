import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeRuntime } from '../../test/helpers/fake-runtime.ts'
import type { ListedByRuntime, Runtime } from '../model/runtime.ts'
import { list } from './list.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-list-'))
  process.env['DEVCLUSTER_HOME'] = home
})
afterEach(() => {
  delete process.env['DEVCLUSTER_HOME']
  rmSync(home, { recursive: true, force: true })
})

test('a cluster of another home is not lost; one whose state is gone, or that does not say, is', async () => {
  const found: ListedByRuntime[] = [
    { id: 'gone-1', name: 'gone', stateDir: join(home, 'clusters', 'gone-1'), nodes: [] },
    { id: 'other-1', name: 'other', stateDir: '/another/home/clusters/other-1', nodes: [] },
    { id: 'silent-1', name: 'silent', nodes: [] },
  ]
  const runtime: Runtime = { ...createFakeRuntime(), list: () => Promise.resolve(found) }
  const runtimes = { process: () => Promise.resolve(runtime), docker: () => Promise.reject(new Error('no engine')) }
  expect((await list({ runtimes })).map(({ id, state, home: elsewhere }) => [id, state, elsewhere])).toEqual([
    ['gone-1', 'lost state', undefined],
    ['other-1', 'elsewhere', '/another/home'],
    ['silent-1', 'lost state', undefined],
  ])
})
