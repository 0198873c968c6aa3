// Ends and removes everything that carries a cluster's id: nodes, supervisor, jobs, cgroups, folders. Needs no spec and no readable state.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import { tryLock } from '../../util/lock.ts'
import { archivesDir, removeScratch } from './archive.ts'
import { removeGroup } from './cgroup.ts'
import { fsFailure } from './fs-failure.ts'
import { clusterFiles, nodeFiles } from './layout.ts'
import { lazyMarks, liveRecord } from './observe.ts'
import { MARK, markedProcesses, signalGroup, signalProcess, untilDead } from './processes.ts'
import type { Supervisors } from './supervisor-client.ts'
import { socketPath } from './supervisor-socket.ts'

const END_WAIT_MS = 10_000

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Asks the supervisor to end everything: as the parent it reaps what it kills. */
async function endBySupervisor(cluster: ClusterRef, supervisors: Supervisors): Promise<void> {
  const connection = await supervisors.find(cluster).catch(() => undefined)
  if (!connection) return
  await Promise.race([
    connection.request({ do: 'end' }).catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, END_WAIT_MS).unref()),
  ])
  connection.close()
}

/** Whatever still lives: by record, then by mark, until two looks in a row find nothing. */
async function endTheRest(cluster: ClusterRef): Promise<string[]> {
  const ended: string[] = []
  for (const name of names(clusterFiles(cluster.stateDir).nodes)) {
    const live = liveRecord(nodeFiles(cluster.stateDir, name), name, lazyMarks(cluster.id))
    const { pid, startedAt } = live?.record ?? {}
    if (!live?.alive || pid === undefined || startedAt === undefined) continue
    signalGroup(pid, startedAt, 'SIGKILL')
    if (!(await untilDead([{ pid, startedAt }], END_WAIT_MS)))
      throw new DevclusterError('INTERNAL', `${name} (pid ${pid}) does not end, not even by SIGKILL`, { node: name })
    ended.push(`process ${pid} (${name})`)
  }
  for (let round = 0; round < 20; round++) {
    // A tool that a user runs by exec right now ends by itself, as the node it talks to is gone; everything else is ended.
    const left = markedProcesses(cluster.id)
    if (left.length === 0) return ended
    for (const { pid, startedAt, role, marks } of left) {
      if (signalProcess(pid, startedAt, 'SIGKILL') && round === 0) ended.push(`process ${pid} (${marks[MARK.node] ?? role})`)
    }
    await untilDead(left, END_WAIT_MS)
  }
  throw new DevclusterError('INTERNAL', `processes of ${cluster.name} come back while they are ended`, {
    hint: 'something starts them again: look for DEVCLUSTER_CLUSTER in their environment',
  })
}

/** A job that was ended left half an archive; unless another cluster's job is at it already. */
async function removeUnfinishedArchives(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  const attempt = await tryLock(join(folder, '.lock'))
  if ('holder' in attempt) return
  removeScratch(folder)
  await attempt.lock.release()
}

/**
 * @returns what was ended or removed, for people.
 * @throws DevclusterError STATE_UNWRITABLE, INTERNAL when a process survives SIGKILL.
 */
export async function destroyCluster(
  cluster: ClusterRef,
  options: { keepData: boolean },
  supervisors: Supervisors,
  cache: string,
): Promise<string[]> {
  const files = clusterFiles(cluster.stateDir)
  const nodes = names(files.nodes)
  const groups = nodes.flatMap((name) => liveRecord(nodeFiles(cluster.stateDir, name), name, () => [])?.record.cgroup ?? [])
  const marked = markedProcesses(cluster.id)
  const before = new Set(
    marked.filter(({ role }) => role !== 'tool').map(({ pid, marks, role }) => `process ${pid} (${marks[MARK.node] ?? role})`),
  )
  await endBySupervisor(cluster, supervisors)
  const removed = [...new Set([...before, ...(await endTheRest(cluster))])]
  for (const group of groups) removeGroup(group)
  if (marked.some(({ role }) => role === 'job')) await removeUnfinishedArchives(archivesDir(cache))
  try {
    rmSync(socketPath(cluster.stateDir), { force: true })
  } catch {
    // a foreign folder in its place holds no socket of ours
  }
  // Claims on ports and the data outlive it on demand: the next `up` finds both.
  const folders = [files.nodes, files.logs, files.supervisor, files.supervisorLock, ...(options.keepData ? [] : [files.data, files.ports])]
  try {
    for (const path of folders) {
      if (!existsSync(path)) continue
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
      removed.push(path)
    }
    for (const name of names(cluster.stateDir)) {
      // Leftovers of an interrupted write.
      if (/\.tmp$|\.stale\./.test(name)) await rm(join(cluster.stateDir, name), { force: true })
    }
    // Only when nothing else is in it: what the core keeps there is the core's.
    if (names(cluster.stateDir).length === 0) await rmdir(cluster.stateDir).catch(() => undefined)
  } catch (error) {
    throw fsFailure(error, `the state of ${cluster.name}`, cluster.stateDir) ?? error
  }
  return removed
}
