// A stream of node ends: told by the supervisor, and read from the exit files where no supervisor told.
import { existsSync, readdirSync } from 'node:fs'
import type { ClusterRef, NodeExit } from '../../model/runtime.ts'
import { delay } from '../../util/async.ts'
import { isAlive } from '../../util/process-identity.ts'
import { clusterFiles, nodeFiles } from './layout.ts'
import { publicExit } from './observe.ts'
import { type RecordedExit, readExit, readRecord } from './record.ts'
import type { SupervisorConnection, Supervisors } from './supervisor-client.ts'

/** How often it looks for a supervisor where none is, ms. */
const LOOK_MS = 25

function recordedExits(stateDir: string): RecordedExit[] {
  const folder = clusterFiles(stateDir).nodes
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => readExit(nodeFiles(stateDir, name).exit) ?? [])
}

/** True when a node runs that no supervisor watches. */
function orphans(stateDir: string): boolean {
  const folder = clusterFiles(stateDir).nodes
  if (!existsSync(folder)) return false
  return readdirSync(folder).some((name) => {
    const record = readRecord(nodeFiles(stateDir, name).record)
    return record?.pid !== undefined && record.startedAt !== undefined && isAlive(record.pid, record.startedAt)
  })
}

/** Ends from now on, each once, until the signal aborts. A supervisor that died is replaced while nodes run, so that none is missed. */
export async function* nodeExits(cluster: ClusterRef, supervisors: Supervisors, signal: AbortSignal): AsyncGenerator<NodeExit> {
  const told = new Set(recordedExits(cluster.stateDir).map((exit) => exit.run))
  const queue: RecordedExit[] = []
  let wake: () => void = () => undefined
  const push = (exit: RecordedExit) => {
    if (told.has(exit.run)) return
    told.add(exit.run)
    queue.push(exit)
    wake()
  }
  let connected = false
  const attach = (connection: SupervisorConnection): (() => void) => {
    connected = true
    const { off, ready } = connection.onExit(push)
    // What ended between the last look and now, or while no supervisor lived, is on disk by then.
    void ready.then(() => {
      for (const exit of recordedExits(cluster.stateDir)) push(exit)
    })
    void connection.closed.then(() => {
      connected = false
      wake()
    })
    return off
  }
  let detach: () => void = () => undefined
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      const next = queue.shift()
      if (next) {
        yield publicExit(next)
        continue
      }
      if (!connected) {
        detach()
        for (const exit of recordedExits(cluster.stateDir)) push(exit)
        const connection = orphans(cluster.stateDir) ? await supervisors.ensure(cluster) : await supervisors.find(cluster)
        if (connection) detach = attach(connection)
        else await delay(LOOK_MS, signal).catch(() => undefined)
        continue
      }
      await new Promise<void>((resolve) => {
        wake = resolve
        if (queue.length > 0 || signal.aborted || !connected) resolve()
      })
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    detach()
  }
}
