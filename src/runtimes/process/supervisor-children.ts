// The supervisor's children: spawning, recording, sampling, and what is written when one ends. Runs only inside the supervisor.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { isAlive, startTimeOf } from '../../util/process-identity.ts'
import { oomKills, removeGroup } from './cgroup.ts'
import { asObject, numbersOf, textOf } from './json.ts'
import { clusterFiles, type NodeFiles, nodeFiles } from './layout.ts'
import { maxRssOf } from './processes.ts'
import { type NodeRecord, type RecordedExit, readExit, readRecord, writeExit, writeRecord } from './record.ts'
import type { JobOrder, Reply, StartOrder } from './supervisor-protocol.ts'

/** A JVM that dies of a bad archive does so while it maps it, at its very start. */
const ARCHIVE_CRASH_MS = 15_000
const CRASH_SIGNALS: readonly (string | null)[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL']

interface Child {
  record: NodeRecord
  readonly files: NodeFiles
  /** Undefined for a node that a former supervisor started: its exit code cannot be known. */
  readonly process?: ChildProcess
  readonly begun: number
  maxRssBytes: number
  outputBytes: number
  /** Resolves when its end is recorded. */
  readonly ended: Promise<void>
  readonly end: () => void
}

function promise(): { ended: Promise<void>; end: () => void } {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { ended, end }
}

export class Children {
  readonly #stateDir: string
  readonly #announce: (exit: RecordedExit) => void
  readonly #nodes = new Map<string, Child>()
  readonly #jobs = new Set<ChildProcess>()
  #ending = false
  #ticks = 0

  constructor(stateDir: string, announce: (exit: RecordedExit) => void) {
    this.#stateDir = stateDir
    this.#announce = announce
  }

  static recordOf(value: unknown): NodeRecord | undefined {
    const json = asObject(value)
    const cluster = textOf(json, 'cluster')
    const node = textOf(json, 'node')
    const service = textOf(json, 'service')
    const fingerprint = textOf(json, 'fingerprint')
    const run = textOf(json, 'run')
    if (cluster === undefined || node === undefined || service === undefined || fingerprint === undefined || run === undefined)
      return undefined
    const cgroup = textOf(json, 'cgroup')
    const base = { cluster, node, service, fingerprint, run, ports: numbersOf(json?.['ports']), command: textOf(json, 'command') ?? '' }
    return cgroup === undefined ? base : { ...base, cgroup }
  }

  get busy(): boolean {
    return this.#nodes.size > 0 || this.#jobs.size > 0
  }

  get stateExists(): boolean {
    return existsSync(this.#stateDir)
  }

  /** Takes over the nodes that a dead supervisor left running, and records the ends that it missed. */
  adopt(): void {
    const names = existsSync(clusterFiles(this.#stateDir).nodes) ? readdirSync(clusterFiles(this.#stateDir).nodes) : []
    for (const name of names) {
      const files = nodeFiles(this.#stateDir, name)
      const record = readRecord(files.record)
      if (this.#nodes.has(name) || record?.pid === undefined || record.startedAt === undefined) continue
      const child: Child = { record, files, begun: 0, maxRssBytes: 0, outputBytes: -1, ...promise() }
      if (isAlive(record.pid, record.startedAt)) this.#nodes.set(name, child)
      // Ended while nobody watched.
      else if (readExit(files.exit)?.run !== record.run) this.#finish(child, null, null)
    }
  }

  async start(order: StartOrder): Promise<Reply> {
    const { record } = order
    const old = this.#nodes.get(record.node)
    if (old?.record.pid !== undefined) {
      if (isAlive(old.record.pid, old.record.startedAt ?? ''))
        return { ok: false, message: `${record.node} still runs as pid ${old.record.pid}` }
      if (!old.process) this.#finish(old, null, null)
      // Dead, but its end is not recorded yet: the exit event is on its way.
      await old.ended
    }
    try {
      const files = nodeFiles(this.#stateDir, record.node)
      writeRecord(files.record, record)
      rmSync(files.exit, { force: true })
      rmSync(files.stopping, { force: true })
      return await this.#spawn(order, files, record)
    } catch (error) {
      const errno = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
      const message = error instanceof Error ? error.message : String(error)
      return { ok: false, message, ...(errno === undefined ? {} : { errno }) }
    }
  }

  async #spawn(order: StartOrder, files: NodeFiles, intent: NodeRecord): Promise<Reply> {
    const withArchive = order.archive !== undefined && intent.archiveDropped !== true
    const argv = [order.program, ...(withArchive ? (order.archive?.args ?? []) : []), ...order.args]
    const output = openSync(files.output, 'a', 0o600)
    let child: ChildProcess
    try {
      // In the group before the first page is touched: the shell enters and becomes the program (same pid).
      const [program = '', ...args] =
        intent.cgroup === undefined
          ? argv
          : ['/bin/sh', '-c', 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"', 'sh', intent.cgroup, ...argv]
      child = spawn(program, args, { cwd: files.dir, env: { ...order.env }, detached: true, stdio: ['ignore', output, output] })
    } finally {
      closeSync(output)
    }
    const failed = await new Promise<Error | undefined>((resolve) => {
      child.once('spawn', () => resolve(undefined))
      child.once('error', resolve)
    })
    if (failed || child.pid === undefined) throw failed ?? new Error('no pid')
    const startedAt = startTimeOf(child.pid)
    const entry: Child = {
      record: { ...intent, pid: child.pid, startedAt: startedAt ?? 'unknown' },
      files,
      process: child,
      begun: performance.now(),
      maxRssBytes: 0,
      outputBytes: -1,
      ...promise(),
    }
    this.#nodes.set(intent.node, entry)
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (withArchive && this.#blamesArchive(entry, code, signal)) void this.#restartWithout(order, entry)
      else this.#finish(entry, code, signal)
    }
    // Node reports an end once; between spawn and here it can have happened already.
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode)
    else child.once('exit', ended)
    writeRecord(files.record, entry.record)
    return { ok: true, pid: child.pid, ...(startedAt === undefined ? {} : { startedAt }) }
  }

  #blamesArchive(child: Child, code: number | null, signal: string | null): boolean {
    if (this.#ending || existsSync(child.files.stopping) || performance.now() - child.begun > ARCHIVE_CRASH_MS) return false
    return CRASH_SIGNALS.includes(signal) || (code !== null && [132, 134, 135, 139].includes(code))
  }

  async #restartWithout(order: StartOrder, child: Child): Promise<void> {
    const note = `[devcluster] the start-up archive ${order.archive?.path} crashed the JVM: deleted, ${child.record.node} is started once more without it\n`
    try {
      if (order.archive) rmSync(order.archive.path, { force: true })
      appendFileSync(child.files.output, note)
      const { pid: _pid, startedAt: _startedAt, ...rest } = child.record
      const record = { ...rest, archiveDropped: true }
      writeRecord(child.files.record, record)
      const reply = await this.#spawn(order, child.files, record)
      if (reply.ok) child.end()
      else this.#finish(child, null, 'SIGABRT')
    } catch {
      this.#finish(child, null, 'SIGABRT')
    }
  }

  #finish(child: Child, code: number | null, signal: string | null): void {
    const { record, files } = child
    if (this.#nodes.get(record.node) === child) this.#nodes.delete(record.node)
    const outOfMemory = record.cgroup !== undefined && oomKills(record.cgroup) > 0
    if (record.cgroup !== undefined) removeGroup(record.cgroup)
    const exit: RecordedExit = {
      node: record.node,
      run: record.run,
      at: Date.now(),
      code,
      signal,
      outOfMemory,
      expected: this.#ending || existsSync(files.stopping),
      ...(child.maxRssBytes > 0 ? { maxRssBytes: child.maxRssBytes } : {}),
      ...(record.archiveDropped === true ? { archiveDropped: true } : {}),
    }
    try {
      this.#noteTime(child)
      writeExit(files.exit, exit)
    } catch {
      // the folder is being removed, or the disk is full: the announcement below still goes out
    }
    child.end()
    this.#announce(exit)
  }

  /** A background job: lowest priority, and it ends with everything else. */
  job(order: JobOrder): Reply {
    const child = spawn(order.program, [...order.args], { cwd: '/', env: { ...order.env }, detached: true, stdio: 'ignore' })
    this.#jobs.add(child)
    const gone = () => this.#jobs.delete(child)
    child.once('exit', gone)
    child.once('error', gone)
    return child.pid === undefined ? { ok: false, message: 'the job could not be started' } : { ok: true, pid: child.pid }
  }

  /** Remembers how long the output is now: with that, lines without a time of their own have one. */
  #noteTime(child: Child): void {
    const size = statSync(child.files.output, { throwIfNoEntry: false })?.size ?? 0
    if (size === child.outputBytes) return
    child.outputBytes = size
    appendFileSync(child.files.times, `${size} ${Date.now()}\n`, { mode: 0o600 })
  }

  tick(): void {
    this.#ticks++
    // Two supervisors may have been started at once: what the one that gave way has started is taken over.
    if (this.#ticks % 8 === 0) this.adopt()
    for (const child of this.#nodes.values()) {
      const { pid, startedAt } = child.record
      if (!child.process && pid !== undefined && startedAt !== undefined && !isAlive(pid, startedAt)) {
        const known = readExit(child.files.exit)
        if (known?.run === child.record.run) this.#nodes.delete(child.record.node)
        else this.#finish(child, null, null)
        continue
      }
      try {
        this.#noteTime(child)
      } catch {
        // a full disk or a removed folder shows elsewhere
      }
      if (this.#ticks % 4 === 1 && pid !== undefined) child.maxRssBytes = Math.max(child.maxRssBytes, maxRssOf(pid) ?? 0)
    }
  }

  /** SIGKILL to every node's group and every job; resolves when all ends are recorded. */
  async endAll(): Promise<void> {
    this.#ending = true
    for (const child of this.#jobs) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // gone
      }
    }
    const nodes = [...this.#nodes.values()]
    for (const { record } of nodes) {
      try {
        if (record.pid !== undefined && isAlive(record.pid, record.startedAt ?? '')) process.kill(-record.pid, 'SIGKILL')
      } catch {
        // gone
      }
    }
    await Promise.all(nodes.filter((child) => child.process).map((child) => child.ended))
  }
}
