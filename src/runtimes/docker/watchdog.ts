// Starts and ends the watchdog of an ephemeral cluster: a process of its own that removes the cluster when its owner is gone
// (watchdog-main.ts). It is recorded in the cluster's state by pid and start time.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ClusterRef, OwnerRef } from '../../model/runtime.ts'
import { delay } from '../../util/async.ts'
import { readJson } from '../../util/fs.ts'
import { isAlive, startTimeOf } from '../../util/process-identity.ts'
import type { Endpoint } from './endpoint.ts'
import { runtimeDir } from './stops.ts'

/** Given to the watchdog on its command line, as JSON. */
export interface WatchdogOrder {
  readonly cluster: string
  readonly stateDir: string
  readonly record: string
  readonly owner: OwnerRef
  readonly endpoint: Endpoint
}

const recordPath = (cluster: ClusterRef) => join(runtimeDir(cluster), 'watchdog.json')

/** Pid and start time out of a watchdog's record. */
export function parseRecord(value: unknown): { pid: number; startedAt: string } | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined
  const { pid, startedAt } = value
  return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined
}

/** Built as JavaScript, or from source (tests): Node 20 runs no TypeScript by itself. */
function program(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./watchdog-main.js', import.meta.url))]
  const register = pathToFileURL(
    join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib', 'jiti-register.mjs'),
  ).href
  return ['--import', register, fileURLToPath(new URL('./watchdog-main.ts', import.meta.url))]
}

/** Starts the watchdog unless a living one is recorded. */
export async function ensureWatchdog(cluster: ClusterRef, endpoint: Endpoint): Promise<void> {
  if (!cluster.owner) return
  const path = recordPath(cluster)
  const known = parseRecord(await readJson(path))
  if (known && isAlive(known.pid, known.startedAt)) return
  const order: WatchdogOrder = { cluster: cluster.id, stateDir: cluster.stateDir, record: path, owner: cluster.owner, endpoint }
  mkdirSync(runtimeDir(cluster), { recursive: true, mode: 0o700 })
  const child = spawn(process.execPath, [...program(), JSON.stringify(order)], { cwd: '/', detached: true, stdio: 'ignore' })
  child.on('error', () => undefined)
  child.unref()
  if (child.pid === undefined) return
  writeFileSync(path, JSON.stringify({ pid: child.pid, startedAt: startTimeOf(child.pid) ?? '' }), { mode: 0o600 })
}

/** Ends the watchdog, if one lives, and waits for its end. */
export async function endWatchdog(cluster: ClusterRef): Promise<void> {
  const known = parseRecord(await readJson(recordPath(cluster)))
  if (!known || known.pid === process.pid || !isAlive(known.pid, known.startedAt)) return
  try {
    // It holds nothing that would have to be put in order.
    process.kill(known.pid, 'SIGKILL')
  } catch {
    return
  }
  while (isAlive(known.pid, known.startedAt)) await delay(5)
}
