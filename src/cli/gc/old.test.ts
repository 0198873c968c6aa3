import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findOld, removeOld } from './old.ts'

const DAY_MS = 86_400_000
let home: string
let env: NodeJS.ProcessEnv
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devcluster-old-'))
  env = { DEVCLUSTER_HOME: home, DEVCLUSTER_CACHE: join(home, 'cache') }
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function put(path: string, text: string, ageMs = 0): string {
  const file = join(home, 'clusters', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  const at = new Date(Date.now() - ageMs)
  for (let path = file; path !== join(home, 'clusters'); path = dirname(path)) utimesSync(path, at, at)
  return file
}

const found = async () => (await findOld(env)).map(({ path, because }) => [path, because])

test('reports of a cluster whose folder is gone are found at once, others not before they are old', async () => {
  put('gone-1/reports/2026-01-01/report.json', JSON.stringify({ dir: join(home, 'nowhere') }))
  put('here-1/reports/2026-01-01/report.json', JSON.stringify({ dir: home }))
  put('unknown-1/reports/2026-01-01/report.json', '{}')
  put('old-1/reports/2026-01-01/report.json', JSON.stringify({ dir: home }), 31 * DAY_MS)
  expect((await found()).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
    [join(home, 'clusters', 'gone-1'), `its folder ${join(home, 'nowhere')} is gone`],
    [join(home, 'clusters', 'old-1'), 'reports older than 30 days'],
  ])
})

test('port claims of what never ran are found after a while; a cluster never', async () => {
  put('never-1/ports.json', '{}', 8 * DAY_MS)
  put('now-1/ports.json', '{}')
  put('alive-1/ports.json', '{}', 40 * DAY_MS)
  put('alive-1/cluster.json', '{}', 40 * DAY_MS)
  const old = await findOld(env)
  expect(old.map(({ path }) => path)).toEqual([join(home, 'clusters', 'never-1')])
  for (const thing of old) await removeOld(thing)
  expect(existsSync(join(home, 'clusters', 'never-1'))).toBe(false)
})
