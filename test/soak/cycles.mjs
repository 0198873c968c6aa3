// Up and down again and again in one process, as test suites do: nothing of ours grows, neither here nor on the machine.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../scripts/setup.mjs'
import { leftOf } from './left.mjs'

/** Open files, sockets and pipes of this process, and what keeps it alive beside timers. */
function handles() {
  return readdirSync('/proc/self/fd').length + process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length
}

export async function cycles(soak) {
  const { startCluster } = await import(pathToFileURL(join(root, 'dist', 'index.js')).href)
  const rounds = soak.rounds(200)
  const bad = []
  const cycle = async (round) => {
    const object = { name: 'cycle', services: { kafka: { brokers: 1, topics: { orders: '1:1' } } } }
    const cluster = await startCluster(object, { runtime: soak.runtime, set: soak.set, cwd: soak.dir })
    const { ready } = await cluster.status()
    await cluster.destroy()
    const left = leftOf(cluster.id, soak)
    if (!ready || left.length > 0) bad.push(`cycle ${round}: ready ${ready}, left ${left.join(', ')}`)
  }
  // The first ones load what is loaded once.
  for (let round = 0; round < 2; round++) await cycle(0)
  globalThis.gc?.()
  const before = { handles: handles(), memory: process.memoryUsage.rss() }
  for (let round = 1; round <= rounds; round++) await cycle(round)
  const after = { handles: handles(), memory: process.memoryUsage.rss() }
  if (after.handles > before.handles) bad.push(`${before.handles} handles became ${after.handles}`)
  return {
    title: `${rounds} cycles of up and down of one broker in one process`,
    result: `nothing left after each; handles ${before.handles} before, ${after.handles} after; memory of the caller ${mib(before.memory)} before, ${mib(after.memory)} MiB after`,
    bad,
  }
}

function mib(bytes) {
  return (bytes / 1048576).toFixed(0)
}
