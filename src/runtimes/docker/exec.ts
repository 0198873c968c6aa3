// Runs a command in a running container: output demultiplexed, input passed on, exit code from the engine. No terminal is allocated.
import { randomUUID } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { DevclusterError } from '../../errors.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef, ExecOptions, ExecResult } from '../../model/runtime.ts'
import { toolArguments, toolNamed } from '../../model/tools.ts'
import { delay } from '../../util/async.ts'
import { type DockerContext, explain, nameOf } from './context.ts'
import { demux } from './demux.ts'
import type { Engine } from './engine.ts'

/** A tool of the node by its short name (`NodeSpec.commands`), else the words as they are. */
export function resolveCommand(
  node: NodeSpec,
  argv: readonly string[],
): { argv: readonly string[]; env: Readonly<Record<string, string>> } {
  const [name = '', ...rest] = argv
  const command = toolNamed(node.commands, name)
  if (command?.via !== 'container') return { argv, env: {} }
  return { argv: [...command.argv, ...toolArguments(command, rest)], env: command.env ?? {} }
}

/** Marks the processes of one command. */
const MARK = 'DEVCLUSTER_EXEC'

const isDuplex = (stream: Duplex | Readable): stream is Duplex => 'write' in stream

/** Sends the input and half-closes, so that the command sees its end. Returns what undoes the connection. */
function feed(stream: Duplex | Readable, input: ExecOptions['input']): () => void {
  if (!isDuplex(stream) || input === undefined) return () => undefined
  // The command may end before it has read everything.
  stream.on('error', () => undefined)
  if (typeof input === 'string' || input instanceof Uint8Array) {
    stream.end(input)
    return () => undefined
  }
  process.stdin.pipe(stream)
  return () => {
    process.stdin.unpipe(stream)
    process.stdin.pause()
    process.stdin.unref?.()
  }
}

/**
 * Kills what an aborted command left running. The engine has no call for it, so processes that carry the command's mark in their environment are
 * found from inside. Best effort: an image without sh and grep keeps them until it stops.
 */
async function endMarked(engine: Engine, container: string, mark: string): Promise<void> {
  const script = `for f in $(grep -ls '${MARK}=${mark}' /proc/[0-9]*/environ); do p=\${f#/proc/}; kill -KILL \${p%/environ}; done`
  const made = await engine.post<{ Id: string }>(`/containers/${container}/exec`, { json: { Cmd: ['sh', '-c', script] } })
  if (made) await engine.post(`/exec/${made.Id}/start`, { json: { Detach: true } })
}

/**
 * Runs `argv` in the node. An abort ends it and throws the signal's reason.
 * @throws NODE_NOT_FOUND, NODE_EXITED when the node does not run, START_FAILED when the command cannot be started.
 */
export async function exec(
  context: DockerContext,
  cluster: ClusterRef,
  node: NodeSpec,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { signal, input } = options
  const { engine } = await context.connect(signal)
  const command = resolveCommand(node, argv)
  const mark = randomUUID()
  try {
    const created = await engine.post<{ Id: string }>(`/containers/${nameOf(cluster, node)}/exec`, {
      json: {
        AttachStdin: input !== undefined,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        Cmd: command.argv,
        Env: Object.entries({ ...command.env, ...options.env, [MARK]: mark }).map(([name, value]) => `${name}=${value}`),
      },
      signal,
    })
    if (!created)
      throw new DevclusterError('START_FAILED', `the container engine did not prepare the command in ${node.id}`, { node: node.id })
    const stream = await engine.upgrade(`/exec/${created.Id}/start`, { json: { Detach: false, Tty: false }, signal })
    let ending: Promise<void> | undefined
    const onAbort = () => {
      ending = endMarked(engine, nameOf(cluster, node), mark).catch(() => undefined)
      stream.destroy()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const release = feed(stream, input)
    const held = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    try {
      for await (const frame of demux(stream)) {
        const callback = frame.stream === 'stdout' ? options.onStdout : options.onStderr
        if (callback) callback(frame.data)
        else held[frame.stream].push(frame.data)
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      await ending
      release()
      signal?.removeEventListener('abort', onAbort)
      stream.destroy()
    }
    signal?.throwIfAborted()
    const exitCode = await exitCodeOf(context, created.Id, signal)
    return { exitCode, stdout: Buffer.concat(held.stdout).toString('utf8'), stderr: Buffer.concat(held.stderr).toString('utf8') }
  } catch (error) {
    throw explain(error, node.id, `run ${argv[0] ?? 'a command'} in`)
  }
}

/** The output ends a moment before the engine has noted the exit. */
async function exitCodeOf(context: DockerContext, id: string, signal: AbortSignal | undefined): Promise<number> {
  const { engine } = await context.connect(signal)
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 200)) {
    const state = await engine.get<{ Running: boolean; ExitCode: number | null }>(`/exec/${id}/json`, { signal })
    if (!state.Running && state.ExitCode !== null) return state.ExitCode
    // A command that closed its output and lives on, or a container that was frozen: the caller's signal is the limit.
    await delay(waitMs, signal)
  }
}
