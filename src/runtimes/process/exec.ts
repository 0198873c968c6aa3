// Runs a tool beside a node: one of its named commands on that command's distribution, or any program of PATH, with the node's environment.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { DevclusterError } from '../../errors.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef, ExecOptions, ExecResult } from '../../model/runtime.ts'
import { toolArguments, toolNamed } from '../../model/tools.ts'
import { type CommandContext, commandLine } from './command-line.ts'
import { findOnPath } from './distribution.ts'
import { clusterMarks, plainEnv } from './environment.ts'
import { toolHint } from './tool-hint.ts'

/** After SIGTERM, ms. */
const GRACE_MS = 2_000

interface Tool {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

async function toolOf(node: NodeSpec, argv: readonly string[], context: CommandContext): Promise<Tool> {
  const [name = '', ...rest] = argv
  const command = toolNamed(node.commands, name)
  if (command) {
    if (command.via !== 'process')
      throw new DevclusterError('RUNTIME_UNSUPPORTED', `${name} of ${node.id} runs in a container only`, { node: node.id })
    const line = await commandLine(command.distribution, command.program, context)
    return {
      program: line.program,
      args: [...(line.archive?.args ?? []), ...line.args, ...toolArguments(command, rest)],
      env: { ...node.env, ...command.env },
    }
  }
  const program = await findOnPath(name, context.env['PATH'])
  if (program === undefined) {
    throw new DevclusterError('USAGE', `${node.id} has no command ${name === '' ? '(none was given)' : name}, and PATH has none either`, {
      node: node.id,
      hint: toolHint(node.commands, name),
    })
  }
  return { program, args: rest, env: node.env }
}

/**
 * Exit code as the program gave it; 128 + n when signal n ended it.
 * @throws DevclusterError USAGE for an unknown command; the signal's reason when it aborts (the tool is ended).
 */
export async function execTool(
  cluster: ClusterRef,
  node: NodeSpec,
  argv: readonly string[],
  options: ExecOptions,
  context: CommandContext,
): Promise<ExecResult> {
  const tool = await toolOf(node, argv, context)
  options.signal?.throwIfAborted()
  return await new Promise<ExecResult>((resolve, reject) => {
    const inherit = typeof options.input === 'object' && 'inherit' in options.input
    const child = spawn(tool.program, [...tool.args], {
      // The caller's folder: file names among the arguments mean what they say. A terminal's own group, so that Ctrl-C reaches it.
      env: { ...plainEnv(context.env), ...tool.env, ...options.env, ...clusterMarks(cluster, 'tool') },
      detached: !inherit,
      stdio: [inherit ? 'inherit' : options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    child.stdout?.on('data', (chunk: Buffer) => (options.onStdout ? options.onStdout(chunk) : output.stdout.push(chunk)))
    child.stderr?.on('data', (chunk: Buffer) => (options.onStderr ? options.onStderr(chunk) : output.stderr.push(chunk)))
    const end = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(inherit ? child.pid : -child.pid, signal)
      } catch {
        // gone
      }
    }
    let hard: NodeJS.Timeout | undefined
    const onAbort = () => {
      end('SIGTERM')
      hard = setTimeout(() => end('SIGKILL'), GRACE_MS)
    }
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const settle = () => {
      clearTimeout(hard)
      options.signal?.removeEventListener('abort', onAbort)
    }
    child.once('error', (error) => {
      settle()
      reject(new DevclusterError('START_FAILED', `${tool.program} could not be started: ${error.message}`, { node: node.id, cause: error }))
    })
    child.once('close', (code, signal) => {
      settle()
      if (options.signal?.aborted) {
        reject(options.signal.reason)
        return
      }
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
      resolve({ exitCode, stdout: Buffer.concat(output.stdout).toString('utf8'), stderr: Buffer.concat(output.stderr).toString('utf8') })
    })
    if (child.stdin) {
      // A tool may end before it read everything.
      child.stdin.on('error', () => undefined)
      child.stdin.end(options.input)
    }
  })
}
