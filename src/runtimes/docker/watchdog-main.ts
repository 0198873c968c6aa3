// Watches the owner of an ephemeral cluster and removes the cluster when the owner is gone. Runs as a process of its own, loads only
// Node's built-ins and this folder, opens no connection while the owner lives, and ends by itself when nothing is left to watch.
import { readdir, rm, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { delay } from '../../util/async.ts'
import { readJson } from '../../util/fs.ts'
import { isAlive } from '../../util/process-identity.ts'
import { openEngine } from './connect.ts'
import { containersOf } from './context.ts'
import { destroyObjects } from './destroy.ts'
import { parseRecord, type WatchdogOrder } from './watchdog.ts'

// Looking costs one small read on Linux and a process elsewhere.
const LOOK_MS = process.platform === 'linux' ? 250 : 2_000
const RETRY_MS = 2_000
/** After that long without an engine its containers are left to `gc`. */
const GIVE_UP_MS = 3_600_000
const RECORD_LOOK_MS = 5_000

function parseOrder(text: string): WatchdogOrder {
  const order: WatchdogOrder = JSON.parse(text)
  return order
}

/** State of a cluster that is gone; reports of failures stay. */
async function removeState(order: WatchdogOrder): Promise<void> {
  // The folder carries the cluster's id: never remove anything else.
  if (basename(order.stateDir) !== order.cluster) return
  for (const entry of await readdir(order.stateDir).catch(() => [])) {
    if (entry !== 'reports') await rm(join(order.stateDir, entry), { recursive: true, force: true })
  }
  await rmdir(order.stateDir).catch(() => undefined)
}

async function removeCluster(order: WatchdogOrder): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS
  for (;;) {
    try {
      await destroyObjects(openEngine(order.endpoint), order.cluster, false)
      await removeState(order)
      return
    } catch {
      if (Date.now() > deadline) return
      await delay(RETRY_MS)
    }
  }
}

/** True when the cluster was taken down behind our back: our record is gone and no container is left. */
async function isGone(order: WatchdogOrder): Promise<boolean> {
  if (parseRecord(await readJson(order.record))?.pid === process.pid) return false
  try {
    return (await containersOf(openEngine(order.endpoint), order.cluster)).length === 0
  } catch {
    return false
  }
}

async function watch(order: WatchdogOrder): Promise<void> {
  let nextLook = Date.now() + RECORD_LOOK_MS
  while (isAlive(order.owner.pid, order.owner.startedAt)) {
    await delay(LOOK_MS)
    if (Date.now() < nextLook) continue
    nextLook = Date.now() + RECORD_LOOK_MS
    if (await isGone(order)) return
  }
  await removeCluster(order)
}

const argument = process.argv[2]
if (argument !== undefined) await watch(parseOrder(argument))
