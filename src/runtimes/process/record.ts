// What is known of a node on disk: its record (written before it can be lost) and its exit. Judges no liveness.
import type { NodeExit } from '../../model/runtime.ts'
import { numberOf, numbersOf, readObject, textOf, writeObject } from './json.ts'

export interface NodeRecord {
  readonly cluster: string
  readonly node: string
  readonly service: string
  readonly fingerprint: string
  /** Different for each start. */
  readonly run: string
  /** Port name -> port. */
  readonly ports: Readonly<Record<string, number>>
  readonly command: string
  /** Absent while only the intent is recorded. */
  readonly pid?: number
  readonly startedAt?: string
  /** Its cgroup folder, when a memory limit is on it. */
  readonly cgroup?: string
  /** A start-up archive was found corrupt, deleted, and the node started without it. */
  readonly archiveDropped?: boolean
}

/** Undefined when there is none or it is not readable. */
export function readRecord(path: string): NodeRecord | undefined {
  const json = readObject(path)
  const cluster = textOf(json, 'cluster')
  const node = textOf(json, 'node')
  const service = textOf(json, 'service')
  const fingerprint = textOf(json, 'fingerprint')
  const run = textOf(json, 'run')
  if (cluster === undefined || node === undefined || service === undefined || fingerprint === undefined || run === undefined)
    return undefined
  const pid = numberOf(json, 'pid')
  const startedAt = textOf(json, 'startedAt')
  const cgroup = textOf(json, 'cgroup')
  return {
    cluster,
    node,
    service,
    fingerprint,
    run,
    ports: numbersOf(json?.['ports']),
    command: textOf(json, 'command') ?? '',
    ...(pid === undefined || startedAt === undefined ? {} : { pid, startedAt }),
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(json?.['archiveDropped'] === true ? { archiveDropped: true } : {}),
  }
}

export function writeRecord(path: string, record: NodeRecord): void {
  writeObject(path, record)
}

export interface RecordedExit extends NodeExit {
  readonly run: string
  readonly archiveDropped?: boolean
}

export function readExit(path: string): RecordedExit | undefined {
  return exitOf(readObject(path))
}

/** An exit out of parsed JSON (a file, or the supervisor's stream). */
export function exitOf(json: Readonly<Record<string, unknown>> | undefined): RecordedExit | undefined {
  const node = textOf(json, 'node')
  const run = textOf(json, 'run')
  const at = numberOf(json, 'at')
  if (node === undefined || run === undefined || at === undefined) return undefined
  const maxRssBytes = numberOf(json, 'maxRssBytes')
  return {
    node,
    run,
    at,
    code: numberOf(json, 'code') ?? null,
    signal: textOf(json, 'signal') ?? null,
    outOfMemory: json?.['outOfMemory'] === true,
    expected: json?.['expected'] === true,
    ...(maxRssBytes === undefined ? {} : { maxRssBytes }),
    ...(json?.['archiveDropped'] === true ? { archiveDropped: true } : {}),
  }
}

export function writeExit(path: string, exit: RecordedExit): void {
  writeObject(path, exit)
}
