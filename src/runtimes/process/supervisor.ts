// The program that is parent of a cluster's nodes: it starts them, records them and their ends, and ends everything when an ephemeral
// cluster's owner is gone. Runs detached, in a program of its own (supervisor-main.ts); only Node's built-ins and small files, as its start is on the
// way of every `up`. It decides nothing: which node runs when is the engine's.
import { rmSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { isAlive, selfIdentity } from '../../util/process-identity.ts'
import { asObject, listOf, textOf, textsOf, writeObject } from './json.ts'
import { clusterFiles } from './layout.ts'
import { markedProcesses, signalProcess, untilDead } from './processes.ts'
import { exitOf, type RecordedExit } from './record.ts'
import { Children } from './supervisor-children.ts'
import { onLines, type Reply, type Request, type SupervisorOrder } from './supervisor-protocol.ts'

const TICK_MS = 250
/** How long it stays with nothing to do: a rolling restart must not pay for a new one. */
const LINGER_MS = 3_000

export function parseOrder(text: string): SupervisorOrder {
  const json = asObject(JSON.parse(text))
  const cluster = textOf(json, 'cluster')
  const stateDir = textOf(json, 'stateDir')
  const socket = textOf(json, 'socket')
  if (cluster === undefined || stateDir === undefined || socket === undefined) throw new Error('not an order')
  const owner = asObject(json?.['owner'])
  const pid = owner?.['pid']
  const startedAt = textOf(owner, 'startedAt')
  if (typeof pid !== 'number' || startedAt === undefined) return { cluster, stateDir, socket }
  return { cluster, stateDir, socket, owner: { pid, startedAt, command: textOf(owner, 'command') ?? '' } }
}

function parseRequest(line: string): { id: unknown; request: Request } {
  const json = asObject(JSON.parse(line))
  const id = json?.['id']
  const kind = textOf(json, 'do')
  if (kind === 'subscribe' || kind === 'ping' || kind === 'end') return { id, request: { do: kind } }
  const order = asObject(json?.[kind ?? ''])
  const program = textOf(order, 'program')
  if (kind === 'job' && program !== undefined) {
    return { id, request: { do: 'job', job: { program, args: listOf(order?.['args']), env: textsOf(order?.['env']) } } }
  }
  const record = Children.recordOf(order?.['record'])
  if (kind !== 'start' || program === undefined || !record) throw new Error(`not understood: ${line.slice(0, 100)}`)
  const archive = asObject(order?.['archive'])
  const path = textOf(archive, 'path')
  return {
    id,
    request: {
      do: 'start',
      start: {
        record,
        program,
        args: listOf(order?.['args']),
        env: textsOf(order?.['env']),
        ...(path === undefined ? {} : { archive: { path, args: listOf(archive?.['args']) } }),
      },
    },
  }
}

/**
 * Becomes the supervisor of a cluster, for as long as this process lives.
 * @returns what is to be called with each further line of its standard input, on which its first client speaks
 */
export function supervise(order: SupervisorOrder): (line: string) => void {
  const files = clusterFiles(order.stateDir)
  const me = selfIdentity()
  const subscribers = new Set<NodeJS.WritableStream>()
  const connections = new Set<Socket>()
  let idleSince = performance.now()
  let ending = false

  function send(stream: NodeJS.WritableStream, value: object): void {
    if (stream.writable) stream.write(`${JSON.stringify(value)}\n`)
  }

  function announce(exit: RecordedExit): void {
    idleSince = performance.now()
    if (exitOf({ ...exit })) for (const stream of subscribers) send(stream, { exit })
  }

  const children = new Children(order.stateDir, announce)
  let findable: () => void = () => undefined
  const listening = new Promise<void>((resolve) => {
    findable = resolve
  })

  function leave(): never {
    // Only our own traces: a successor may have taken over.
    try {
      unlinkSync(order.socket)
    } catch {
      // taken away already
    }
    rmSync(files.supervisor, { force: true })
    process.exit(0)
  }

  /** Kills and reaps every node and job, then whatever else carries the cluster's mark. */
  async function endAll(): Promise<void> {
    ending = true
    await children.endAll()
    for (let round = 0; round < 5; round++) {
      const left = markedProcesses(order.cluster).filter(({ pid, role }) => pid !== process.pid && role !== 'supervisor')
      if (left.length === 0) break
      for (const { pid, startedAt } of left) signalProcess(pid, startedAt, 'SIGKILL')
      await untilDead(left, 2_000)
    }
  }

  async function answer(request: Request, stream: NodeJS.WritableStream): Promise<Reply> {
    switch (request.do) {
      case 'ping':
        // Answered when others can find it, too.
        await listening
        return { ok: true, pid: process.pid }
      case 'subscribe':
        subscribers.add(stream)
        return { ok: true }
      case 'job':
        return children.job(request.job)
      case 'start':
        if (ending) return { ok: false, message: 'the cluster is being ended' }
        return await children.start(request.start)
      case 'end':
        await endAll()
        return leave()
    }
  }

  /** @returns what is to be called with each line that the input brings */
  function serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): (line: string) => void {
    // A client that went away is no reason to end.
    output.on('error', () => undefined)
    input.on('error', () => undefined)
    const gone = () => subscribers.delete(output)
    input.on('close', gone)
    input.on('end', gone)
    return (line) => {
      let parsed: ReturnType<typeof parseRequest>
      try {
        parsed = parseRequest(line)
      } catch (error) {
        send(output, { id: null, ok: false, message: String(error) })
        return
      }
      answer(parsed.request, output).then(
        (reply) => send(output, { id: parsed.id, ...reply }),
        (error: unknown) => send(output, { id: parsed.id, ok: false, message: String(error) }),
      )
    }
  }

  async function ownerIsGone(): Promise<void> {
    await endAll()
    // Twice: a node that was just dying may have written between listing and removing.
    for (let round = 0; round < 2; round++) rmSync(order.stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
    leave()
  }

  function tick(): void {
    if (ending) return
    if (order.owner && !isAlive(order.owner.pid, order.owner.startedAt)) {
      void ownerIsGone()
      return
    }
    children.tick()
    if (children.busy) idleSince = performance.now()
    // With an owner it stays, even without nodes: it is the one who removes what the owner leaves.
    else if (!children.stateExists || (!order.owner && performance.now() - idleSince > LINGER_MS)) leave()
  }

  /** Another supervisor answers on the socket: this one is not needed. A dead one's socket is taken over. */
  function occupied(): Promise<boolean> {
    return new Promise((resolve) => {
      const probe = connect(order.socket)
      probe.once('connect', () => {
        probe.destroy()
        resolve(true)
      })
      probe.once('error', () => resolve(false))
    })
  }

  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    onLines(socket, serve(socket, socket))
  })

  let taken = false
  server.on('error', (error) => {
    if (taken || !('code' in error) || error.code !== 'EADDRINUSE') throw error
    taken = true
    void occupied().then((alive) => {
      if (alive) process.exit(3)
      try {
        unlinkSync(order.socket)
      } catch {
        // the other one took it away itself
      }
      server.listen(order.socket)
    })
  })

  // The folder is 0700; the socket itself is 0600 by this mask, as are all files made here.
  process.umask(0o077)
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
  process.on('SIGPIPE', () => undefined)
  process.on('SIGTERM', () => {
    // A machine that goes down: an ephemeral cluster ends, a persistent one's nodes get the signal themselves.
    if (order.owner) void ownerIsGone()
    else leave()
  })

  children.adopt()
  const firstClient = serve(process.stdin, process.stdout)
  server.listen(order.socket, () => {
    writeObject(files.supervisor, { pid: me.pid, startedAt: me.startedAt, socket: order.socket })
    findable()
    setInterval(tick, TICK_MS)
  })
  return firstClient
}
