// Talks to a cluster's supervisor, and starts one where none lives. One connection per cluster and process, shared, and no reason to stay alive.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import { DevclusterError } from '../../errors.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import { waitForLock } from '../../util/lock.ts'
import { isAlive } from '../../util/process-identity.ts'
import { entryArgs } from './entry.ts'
import { clusterMarks, plainEnv } from './environment.ts'
import { asObject, type Json, numberOf, readObject, textOf } from './json.ts'
import { clusterFiles } from './layout.ts'
import { exitOf, type RecordedExit } from './record.ts'
import { onLines, type Reply, type Request, type SupervisorOrder } from './supervisor-protocol.ts'
import { socketPath } from './supervisor-socket.ts'

export interface SupervisorConnection {
  /** Rejects when the connection breaks before the answer. */
  request(request: Request): Promise<Reply>
  /** `ready` resolves when ends from now on are told (or the connection is gone). */
  onExit(listener: (exit: RecordedExit) => void): { readonly off: () => void; readonly ready: Promise<void> }
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
  close(): void
}

interface Wire {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly hold: (on: boolean) => void
  readonly destroy: () => void
}

function replyOf(json: Json): Reply {
  if (json['ok'] !== true) {
    const errno = textOf(json, 'errno')
    return { ok: false, message: textOf(json, 'message') ?? 'no reason given', ...(errno === undefined ? {} : { errno }) }
  }
  const pid = numberOf(json, 'pid')
  const startedAt = textOf(json, 'startedAt')
  return { ok: true, ...(pid === undefined ? {} : { pid }), ...(startedAt === undefined ? {} : { startedAt }) }
}

function connectionOver(wire: Wire): SupervisorConnection {
  let nextId = 1
  let open = true
  const pending = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>()
  const listeners = new Set<(exit: RecordedExit) => void>()
  let markClosed: () => void = () => undefined
  const closed = new Promise<void>((resolve) => {
    markClosed = resolve
  })
  const lost = () => {
    if (!open) return
    open = false
    for (const { reject } of pending.values()) reject(new Error('the supervisor went away'))
    pending.clear()
    wire.destroy()
    markClosed()
  }
  onLines(wire.input, (line) => {
    const json = asObject(JSON.parse(line))
    if (!json) return
    const exit = exitOf(asObject(json['exit']))
    if (exit) for (const listener of listeners) listener(exit)
    const id = numberOf(json, 'id')
    const waiting = id === undefined ? undefined : pending.get(id)
    if (id === undefined || !waiting) return
    pending.delete(id)
    // Only an open question keeps the caller's process alive.
    if (pending.size === 0) wire.hold(false)
    waiting.resolve(replyOf(json))
  })
  for (const stream of [wire.input, wire.output]) {
    stream.on('error', lost)
    stream.on('close', lost)
    stream.on('end', lost)
  }
  wire.hold(false)
  const ask = (request: Request) =>
    new Promise<Reply>((resolve, reject) => {
      if (!open) {
        reject(new Error('the supervisor went away'))
        return
      }
      const id = nextId++
      pending.set(id, { resolve, reject })
      wire.hold(true)
      wire.output.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  let subscribed: Promise<void> | undefined
  return {
    request: ask,
    onExit: (listener) => {
      listeners.add(listener)
      subscribed ??= ask({ do: 'subscribe' }).then(
        () => undefined,
        () => undefined,
      )
      return { off: () => listeners.delete(listener), ready: subscribed }
    },
    closed,
    close: lost,
  }
}

function wireOf(socket: Duplex & { ref(): unknown; unref(): unknown }): Wire {
  return { input: socket, output: socket, hold: (on) => (on ? socket.ref() : socket.unref()), destroy: () => socket.destroy() }
}

/** Connects to the living supervisor of a cluster; undefined when there is none. */
async function connectExisting(stateDir: string): Promise<SupervisorConnection | undefined> {
  const known = readObject(clusterFiles(stateDir).supervisor)
  const pid = numberOf(known, 'pid')
  const startedAt = textOf(known, 'startedAt')
  const path = textOf(known, 'socket')
  if (pid === undefined || startedAt === undefined || path === undefined || !isAlive(pid, startedAt)) return undefined
  return await new Promise((resolve) => {
    const socket = connect(path)
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(connectionOver(wireOf(socket)))
    })
  })
}

/** A supervisor that waits to be told what for. */
interface Waiting {
  /** Tells it; from then on it is the cluster's. */
  readonly engage: () => SupervisorConnection
  /** It goes, and has done nothing; resolves when it is gone. */
  readonly dismiss: () => Promise<void>
}

/** Takes a log that nothing was written to away, and its folder when nothing else is in it. */
function removeUnused(log: string): void {
  try {
    if (statSync(log).size > 0) return
    unlinkSync(log)
    rmdirSync(dirname(log))
  } catch {
    // gone already, or others use the folder
  }
}

function launch(cluster: ClusterRef, env: NodeJS.ProcessEnv): Waiting {
  const order: SupervisorOrder = {
    cluster: cluster.id,
    stateDir: cluster.stateDir,
    socket: socketPath(cluster.stateDir),
    ...(cluster.owner ? { owner: cluster.owner } : {}),
  }
  const log = clusterFiles(cluster.stateDir).supervisorLog
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 })
  const errors = openSync(log, 'a', 0o600)
  try {
    // Its pipes are the first connection: the first order is read as soon as it runs, without looking for a socket.
    const child = spawn(process.execPath, entryArgs('supervisor-main'), {
      cwd: cluster.stateDir,
      detached: true,
      env: { ...plainEnv(env), ...clusterMarks(cluster, 'supervisor') },
      stdio: ['pipe', 'pipe', errors],
    })
    child.unref()
    child.on('error', () => undefined)
    const { stdin, stdout } = child
    if (!stdin || !stdout) throw new DevclusterError('INTERNAL', 'the supervisor has no pipes')
    const hold = (on: boolean) => {
      for (const stream of [stdin, stdout]) {
        if (on && 'ref' in stream && typeof stream.ref === 'function') stream.ref()
        if (!on && 'unref' in stream && typeof stream.unref === 'function') stream.unref()
      }
    }
    const destroy = () => {
      stdin.destroy()
      stdout.destroy()
    }
    hold(false)
    // One that died waiting is found out by the first request.
    stdin.on('error', () => undefined)
    return {
      engage: () => {
        stdin.write(`${JSON.stringify(order)}\n`)
        return connectionOver({ input: stdout, output: stdin, hold, destroy })
      },
      dismiss: () =>
        new Promise((resolve) => {
          const gone = () => {
            removeUnused(log)
            resolve()
          }
          if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
            gone()
            return
          }
          child.once('exit', gone)
          child.ref()
          child.kill('SIGKILL')
          destroy()
        }),
    }
  } finally {
    closeSync(errors)
  }
}

export interface Supervisors {
  /** Something will be started: a supervisor begins to load. @returns what dismisses it, when it has not become the cluster's until then */
  prepare(cluster: ClusterRef): () => Promise<void>
  /** The living supervisor, or undefined. */
  find(cluster: ClusterRef): Promise<SupervisorConnection | undefined>
  /** The living supervisor, else a new one. */
  ensure(cluster: ClusterRef): Promise<SupervisorConnection>
  /** Asks a living or new supervisor; tries a second one when the first just ended. */
  ask(cluster: ClusterRef, request: Request): Promise<Reply>
}

export function createSupervisors(environment: () => NodeJS.ProcessEnv): Supervisors {
  const open = new Map<string, Promise<SupervisorConnection | undefined>>()
  const prepared = new Map<string, Waiting>()

  const takePrepared = (stateDir: string) => {
    const waiting = prepared.get(stateDir)
    prepared.delete(stateDir)
    return waiting
  }

  const prepare = (cluster: ClusterRef) => {
    const { stateDir } = cluster
    if (prepared.has(stateDir) || open.has(stateDir) || existsSync(clusterFiles(stateDir).supervisor)) return () => Promise.resolve()
    const waiting = launch(cluster, environment())
    prepared.set(stateDir, waiting)
    return async () => {
      if (prepared.get(stateDir) === waiting) await takePrepared(stateDir)?.dismiss()
    }
  }

  const keep = (stateDir: string, make: () => Promise<SupervisorConnection | undefined>) => {
    const made = make()
    open.set(stateDir, made)
    const forget = () => {
      if (open.get(stateDir) === made) open.delete(stateDir)
    }
    made.then((connection) => (connection ? void connection.closed.then(forget) : forget()), forget)
    return made
  }

  const find = (cluster: ClusterRef) => open.get(cluster.stateDir) ?? keep(cluster.stateDir, () => connectExisting(cluster.stateDir))

  const startOne = async (cluster: ClusterRef): Promise<SupervisorConnection> => {
    const attempt = await waitForLock(clusterFiles(cluster.stateDir).supervisorLock, { withinMs: 10_000 })
    if ('holder' in attempt) {
      throw new DevclusterError(
        'START_FAILED',
        `pid ${attempt.holder.pid} has been starting the supervisor of ${cluster.name} for ten seconds`,
        {
          hint: 'end that process and try again',
        },
      )
    }
    try {
      const existing = await connectExisting(cluster.stateDir)
      const waiting = takePrepared(cluster.stateDir)
      if (existing) await waiting?.dismiss()
      const connection = existing ?? (waiting ?? launch(cluster, environment())).engage()
      // Held until it answers and can be found by others; orders can be sent meanwhile.
      connection
        .request({ do: 'ping' })
        .catch(() => undefined)
        .then(() => attempt.lock.release())
        .catch(() => undefined)
      return connection
    } catch (error) {
      await attempt.lock.release()
      throw error
    }
  }

  const ensure = async (cluster: ClusterRef): Promise<SupervisorConnection> => {
    const existing = await find(cluster)
    if (existing) return existing
    const made = await (open.get(cluster.stateDir) ?? keep(cluster.stateDir, () => startOne(cluster)))
    return made ?? (await ensure(cluster))
  }

  return {
    prepare,
    find,
    ensure,
    ask: async (cluster, request) => {
      for (let round = 0; ; round++) {
        const connection = await ensure(cluster)
        try {
          return await connection.request(request)
        } catch (error) {
          connection.close()
          if (round < 2) continue
          throw new DevclusterError('START_FAILED', `the supervisor of ${cluster.name} does not stay up`, {
            hint: `see ${clusterFiles(cluster.stateDir).supervisorLog}`,
            cause: error,
          })
        }
      }
    },
  }
}
