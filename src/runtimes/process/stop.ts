// Ends, freezes, thaws and removes single nodes. Works with or without a living supervisor, by pid and start time.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { DevclusterError } from '../../errors.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import { removeGroup } from './cgroup.ts'
import { nodeFiles } from './layout.ts'
import { lazyMarks, liveRecord } from './observe.ts'
import { isFrozen, MARK, markedProcesses, signalGroup, signalProcess, untilDead } from './processes.ts'
import { readExit, writeExit } from './record.ts'

export interface StopOrder {
  readonly style: 'graceful' | 'kill'
  readonly graceMs: number
  /** For `graceful`. */
  readonly signal: NodeJS.Signals
}

/** After SIGKILL a process is gone as soon as the kernel has torn it down; a core in uninterruptible sleep takes longer. */
const KILL_WAIT_MS = 10_000

/** Processes that a node's leader left behind (own session, own group), found by the node's marks. */
async function killLeftovers(cluster: string, node: string): Promise<boolean> {
  const left = markedProcesses(cluster).filter((found) => found.role === 'node' && found.marks[MARK.node] === node)
  for (const { pid, startedAt } of left) signalProcess(pid, startedAt, 'SIGKILL')
  return await untilDead(left, KILL_WAIT_MS)
}

/** The supervisor writes the exit; where none lives, it is written here, as far as it is known. */
async function untilExitRecorded(path: string, run: string, fallback: () => void): Promise<void> {
  for (let waited = 0; waited < 400; waited += 5) {
    if (readExit(path)?.run === run) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  fallback()
}

/**
 * Resolves when the node is proven dead; at once when it does not run.
 * @throws DevclusterError INTERNAL when even SIGKILL does not end it.
 */
export async function stopNode(cluster: ClusterRef, node: string, order: StopOrder): Promise<void> {
  const files = nodeFiles(cluster.stateDir, node)
  const live = liveRecord(files, node, lazyMarks(cluster.id))
  const { pid, startedAt } = live?.record ?? {}
  if (!live?.alive || pid === undefined || startedAt === undefined) return
  mkdirSync(files.dir, { recursive: true, mode: 0o700 })
  writeFileSync(files.stopping, '', { mode: 0o600 })
  const self = [{ pid, startedAt }]
  let dead = false
  let signal: NodeJS.Signals = 'SIGKILL'
  if (order.style === 'graceful') {
    signal = order.signal
    // To the node itself: a group signal would reach helpers that it means to end in order.
    signalProcess(pid, startedAt, order.signal)
    signalGroup(pid, startedAt, 'SIGCONT')
    dead = await untilDead(self, order.graceMs)
  }
  if (!dead) {
    signal = 'SIGKILL'
    signalGroup(pid, startedAt, 'SIGKILL')
    dead = await untilDead(self, KILL_WAIT_MS)
  }
  const clean = await killLeftovers(cluster.id, node)
  if (!dead || !clean) {
    throw new DevclusterError('INTERNAL', `${node} (pid ${pid}) does not end, not even by SIGKILL`, {
      node,
      hint: 'it may wait for a disk or a network file system; see its state in ps',
    })
  }
  const { record } = live
  await untilExitRecorded(files.exit, record.run, () => {
    if (record.cgroup !== undefined) removeGroup(record.cgroup)
    writeExit(files.exit, { node, run: record.run, at: Date.now(), code: null, signal, outOfMemory: false, expected: true })
  })
}

/**
 * Sends SIGSTOP or SIGCONT to the node's group and waits until it took effect (a signal is delivered when the kernel gets to it).
 * @throws DevclusterError NODE_NOT_FOUND when it does not run.
 */
async function signalRunning(cluster: ClusterRef, node: string, frozen: boolean): Promise<void> {
  const live = liveRecord(nodeFiles(cluster.stateDir, node), node, lazyMarks(cluster.id))
  const { pid, startedAt } = live?.record ?? {}
  if (!live?.alive || pid === undefined || startedAt === undefined || !signalGroup(pid, startedAt, frozen ? 'SIGSTOP' : 'SIGCONT')) {
    throw new DevclusterError('NODE_NOT_FOUND', `${node} does not run`, { node, hint: 'start it first: devcluster up' })
  }
  for (let waited = 0; waited < 2_000 && isFrozen(pid) !== frozen; waited += 2) await new Promise((resolve) => setTimeout(resolve, 2))
}

export async function freezeNode(cluster: ClusterRef, node: string): Promise<void> {
  await signalRunning(cluster, node, true)
}

export async function thawNode(cluster: ClusterRef, node: string): Promise<void> {
  await signalRunning(cluster, node, false)
}

/** Kills it if it runs, then removes its record, configuration and logs; its data on demand. */
export async function removeNode(cluster: ClusterRef, node: string, keepData: boolean): Promise<void> {
  const files = nodeFiles(cluster.stateDir, node)
  await stopNode(cluster, node, { style: 'kill', graceMs: 0, signal: 'SIGKILL' })
  if (!existsSync(files.dir) && !existsSync(files.data)) return
  await Promise.all(
    [files.dir, files.logs, files.output, files.times, ...(keepData ? [] : [files.data])].map((path) =>
      rm(path, { recursive: true, force: true }),
    ),
  )
  if (!keepData) rmSync(files.data, { recursive: true, force: true })
}
