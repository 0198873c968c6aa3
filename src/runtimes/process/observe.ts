// What exists of a cluster now: from records checked against living processes, and from the marks of processes where a record is lost.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterRef, ListedByRuntime, NodeExit, Observed, ObservedNode } from '../../model/runtime.ts'
import { isAlive } from '../../util/process-identity.ts'
import { numbersOf } from './json.ts'
import { clusterFiles, type NodeFiles, nodeFiles } from './layout.ts'
import { isFrozen, MARK, type MarkedProcess, markedProcesses } from './processes.ts'
import { type NodeRecord, type RecordedExit, readExit, readRecord } from './record.ts'

/** A node that lives, and where its record says so (or its marks do). */
export interface LiveNode {
  readonly pid: number
  readonly startedAt: string
}

function recordOfMarks(found: MarkedProcess): NodeRecord {
  let ports: Record<string, number> = {}
  try {
    ports = numbersOf(JSON.parse(found.marks[MARK.ports] ?? '{}'))
  } catch {
    // a foreign value
  }
  return {
    cluster: found.cluster,
    node: found.marks[MARK.node] ?? '',
    service: found.marks[MARK.service] ?? '',
    fingerprint: found.marks[MARK.fingerprint] ?? '',
    run: 'found',
    ports,
    command: '',
    pid: found.pid,
    startedAt: found.startedAt,
  }
}

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1)) : []
}

/** The oldest marked process of a node: its leader (children inherit the marks). */
export function leaderOf(found: readonly MarkedProcess[], node: string): MarkedProcess | undefined {
  const own = found.filter((candidate) => candidate.role === 'node' && candidate.marks[MARK.node] === node)
  return own.toSorted(
    (a, b) => a.startedAt.length - b.startedAt.length || (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : a.pid - b.pid),
  )[0]
}

/**
 * The record of a node with pid and start time of its living process, if it lives.
 * @param marked lazily scanned processes of the cluster, asked only when the record is lost or says no pid.
 */
export function liveRecord(
  files: NodeFiles,
  node: string,
  marked: () => readonly MarkedProcess[],
): { record: NodeRecord; alive: boolean } | undefined {
  const record = readRecord(files.record)
  if (record?.pid !== undefined && record.startedAt !== undefined) return { record, alive: isAlive(record.pid, record.startedAt) }
  const found = leaderOf(marked(), node)
  if (!found) return record && { record, alive: false }
  return { record: { ...recordOfMarks(found), ...(record ? { run: record.run } : {}) }, alive: true }
}

/** The exit as the contract has it. */
export function publicExit(exit: RecordedExit): NodeExit {
  const { run: _run, archiveDropped: _archiveDropped, ...rest } = exit
  return rest
}

function observed(record: NodeRecord, alive: boolean, files: NodeFiles): ObservedNode {
  const exit = alive ? undefined : readExit(files.exit)
  return {
    id: record.node,
    service: record.service,
    state: alive ? (record.pid !== undefined && isFrozen(record.pid) ? 'frozen' : 'running') : 'stopped',
    fingerprint: record.fingerprint,
    hostPorts: record.ports,
    handle: record.pid === undefined ? 'no process' : `pid ${record.pid}`,
    standIn: false,
    ...(exit ? { exit: publicExit(exit) } : {}),
  }
}

/** One scan at most, and only when asked. */
export function lazyMarks(cluster: string): () => readonly MarkedProcess[] {
  let found: readonly MarkedProcess[] | undefined
  return () => (found ??= markedProcesses(cluster))
}

export function observe(cluster: ClusterRef): Observed {
  const folders = clusterFiles(cluster.stateDir)
  const marked = lazyMarks(cluster.id)
  const nodes: Record<string, ObservedNode> = {}
  const recorded = names(folders.nodes)
  for (const name of recorded) {
    const files = nodeFiles(cluster.stateDir, name)
    const live = liveRecord(files, name, marked)
    if (live) nodes[name] = observed(live.record, live.alive, files)
  }
  // Without a single record the folder may be new, or lost with everything still running.
  if (recorded.length === 0) {
    for (const found of marked().toSorted((a, b) => ((a.marks[MARK.node] ?? '') < (b.marks[MARK.node] ?? '') ? -1 : 1))) {
      const name = found.marks[MARK.node]
      if (found.role !== 'node' || name === undefined || nodes[name]) continue
      const leader = leaderOf(marked(), name)
      if (leader) nodes[name] = observed(recordOfMarks(leader), true, nodeFiles(cluster.stateDir, name))
    }
  }
  const data = names(folders.data).filter((name) => names(join(folders.data, name)).length > 0)
  return { nodes, data }
}

/** Nodes that were started without their start-up archive because it had crashed the JVM. */
export function notices(cluster: ClusterRef): { node: string; message: string }[] {
  return names(clusterFiles(cluster.stateDir).nodes).flatMap((node) =>
    readRecord(nodeFiles(cluster.stateDir, node).record)?.archiveDropped === true
      ? [{ node, message: `the start-up archive of ${node} was damaged and crashed the JVM: thrown away, the node runs without it` }]
      : [],
  )
}

/** Every cluster of this user that has records here or marked processes anywhere. */
export function list(clustersDir: string): ListedByRuntime[] {
  const marked = markedProcesses()
  const found = new Map<string, { name: string; stateDir: string }>()
  for (const id of names(clustersDir)) {
    const stateDir = join(clustersDir, id)
    if (names(join(stateDir, 'nodes')).length > 0) found.set(id, { name: id.replace(/-[0-9a-f]{8}$/, ''), stateDir })
  }
  for (const { cluster, marks } of marked) {
    const stateDir = marks[MARK.state]
    if (stateDir !== undefined) found.set(cluster, { name: marks[MARK.name] ?? cluster, stateDir })
  }
  return [...found].map(([id, { name, stateDir }]) => ({
    id,
    name,
    stateDir,
    nodes: Object.values(observe({ id, name, stateDir, bind: '127.0.0.1', mirrors: {} }).nodes),
  }))
}
