// The start-up archive: made in the background after an up, used by the next one, and dropped when it is corrupt.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { destroyCluster, startCluster } from '../../src/cluster.ts'
import { cacheHome } from '../../src/util/paths.ts'
import { eventually, openWorld, type World } from '../helpers/world.ts'

let world: World
let cache: string
beforeEach(() => {
  world = openWorld('process')
  // A cache of its own over the shared downloads: archives made here are judged here.
  const shared = join(cacheHome(), 'maven')
  mkdirSync(shared, { recursive: true })
  cache = mkdtempSync(join(tmpdir(), 'devcluster-cache-'))
  symlinkSync(shared, join(cache, 'maven'))
  process.env['DEVCLUSTER_CACHE'] = cache
  writeFileSync(join(world.dir, 'devcluster.yaml'), 'name: archive\nservices: { kafka: { brokers: 1 } }\n')
})
afterEach(async () => {
  await destroyCluster({ file: join(world.dir, 'devcluster.yaml') }, { runtime: 'process' })
  delete process.env['DEVCLUSTER_CACHE']
  rmSync(cache, { recursive: true, force: true })
  world.close()
})

const archives = () => {
  try {
    return readdirSync(join(cache, 'archives')).filter((name) => /\.(jsa|aot)$/.test(name))
  } catch {
    return []
  }
}

async function commandLineOfBroker(cluster: Awaited<ReturnType<typeof startCluster>>): Promise<string> {
  const node = (await cluster.status()).nodes[0]
  return readFileSync(`/proc/${/pid (\d+)/.exec(node?.handle ?? '')?.[1]}/cmdline`, 'utf8').replaceAll('\0', ' ')
}

test('it is made after the first up, used by the second, and a corrupt one costs a restart, not the cluster', async () => {
  const path = join(world.dir, 'devcluster.yaml')
  const options = { ...world.options, persistent: true }
  const first = await startCluster(path, options)
  expect(await commandLineOfBroker(first)).not.toContain(cache + '/archives')
  await eventually(() => archives().length === 1, 120_000, 'the archive')
  await first.destroy()

  const second = await startCluster(path, options)
  expect(await commandLineOfBroker(second)).toContain(join(cache, 'archives', archives()[0] ?? 'none'))
  await second.destroy()

  const archive = join(cache, 'archives', archives()[0] ?? 'none')
  chmodSync(archive, 0o600)
  truncateSync(archive, Math.floor(statSync(archive).size / 2))
  const third = await startCluster(path, { ...options, warm: false })
  expect((await third.status()).ready).toBe(true)
  expect(archives()).toEqual([])
})
