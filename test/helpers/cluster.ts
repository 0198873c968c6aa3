// Real clusters in a state folder of their own, for scenarios of failure: small specs, the error that was thrown, and the proof that nothing is left.
// Downloads are shared: DEVCLUSTER_CACHE stays as it is.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import {
  type Cluster,
  type ClusterEvent,
  type ClusterObject,
  type DevclusterError,
  destroyCluster,
  formatError,
  isDevclusterError,
  type StartOptions,
  startCluster,
} from '../../src/index.ts'
import type { Runtime } from '../../src/model/runtime.ts'
import { createProcessRuntime } from '../../src/runtimes/process/index.ts'

/** One broker and nothing else. */
export function oneBroker(options: Readonly<Record<string, unknown>> = {}): ClusterObject {
  return { name: 'fail', runtime: 'process', services: { kafka: { brokers: 1, ...options } } }
}

/** Real processes, with some methods replaced. */
export function processesWith(change: (real: Runtime) => Partial<Runtime>): NonNullable<StartOptions['runtimes']> {
  const make = async () => {
    const real = createProcessRuntime()
    return { ...real, ...change(real) }
  }
  return { process: make, docker: make }
}

/** Live processes that carry the cluster's mark. */
export function processesOf(id: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const marked = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DEVCLUSTER_CLUSTER=${id}`)
      return marked ? [`process ${pid}`] : []
    } catch {
      // gone, or another user's
      return []
    }
  })
}

/** Holds a port on loopback until closed. */
export async function listenOn(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return server
}

export interface Lab {
  readonly id: string
  readonly home: string
  /** Folder of the cluster's state. */
  readonly state: string
  readonly warnings: string[]
  start(source: ClusterObject | string, options?: StartOptions): Promise<Cluster>
  /** Starts what must fail. @returns the error; throws when it did not fail, or with anything else */
  failing(source: ClusterObject | string, options?: StartOptions): Promise<DevclusterError>
  /** Brings it up and stops it cleanly: its data is there. */
  stopped(source: ClusterObject): Promise<void>
  data(node: string, file: string): string
  /** Everything of this cluster that is there beside reports. */
  left(): string[]
  close(): Promise<void>
}

let labs = 0

/** A home of its own, in place of DEVCLUSTER_HOME until `close`. */
export function openLab(home = mkdtempSync(join(tmpdir(), 'devcluster-fail-'))): Lab {
  const before = process.env['DEVCLUSTER_HOME']
  process.env['DEVCLUSTER_HOME'] = home
  const id = `fail-${process.pid}-${++labs}`
  const state = join(home, 'clusters', id)
  const warnings: string[] = []
  const onEvent = (event: ClusterEvent) => {
    if (event.type === 'warning') warnings.push(event.message ?? '')
  }
  const start: Lab['start'] = (source, options) => startCluster(source, { id, persistent: true, warm: false, onEvent, ...options })
  return {
    id,
    home,
    state,
    warnings,
    start,
    failing: async (source, options) => {
      try {
        await start(source, options)
      } catch (error) {
        if (isDevclusterError(error)) return error
        throw error
      }
      throw new Error('it came up, and should have failed')
    },
    stopped: async (source) => (await start(source)).stop(),
    data: (node, file) => join(state, 'data', node, file),
    left: () => [
      ...processesOf(id),
      ...(existsSync(state) ? readdirSync(state).filter((name) => name !== 'reports') : []).map((name) => join(state, name)),
    ],
    close: async () => {
      await destroyCluster({ id })
      expect(processesOf(id)).toEqual([])
      expect(existsSync(state)).toBe(false)
      if (before === undefined) delete process.env['DEVCLUSTER_HOME']
      else process.env['DEVCLUSTER_HOME'] = before
      rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** The matched cause's id. */
export function causeOf(error: DevclusterError): unknown {
  const cause = error.data['cause']
  return typeof cause === 'object' && cause !== null && 'id' in cause ? cause.id : undefined
}

/**
 * The report folder of a failure: it exists, holds the node's log, and the printed error is one a person can read:
 * what and why in its first line, then what helps, and no frames of Java.
 */
export function expectReport(error: DevclusterError, node: string, options: { readonly silent?: boolean } = {}): void {
  expect(error.node).toBe(node)
  const dir = String(error.data['report'])
  expect(JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8'))).toMatchObject({ code: error.code, node, message: error.message })
  // One that dies very early may not have come to say anything.
  if (!options.silent) expect(readFileSync(join(dir, 'logs', `${node}.log`), 'utf8')).not.toBe('')
  const printed = formatError(error).split('\n')
  expect(printed[0]).toContain(`error ${error.code}: ${node} `)
  expect(printed[1]).toMatch(/^hint: \S/)
  expect(printed.filter((line) => /^\s+at /.test(line))).toEqual([])
  expect(printed.length).toBeLessThan(25)
  expect(printed.at(-1)).toBe(`report: ${dir}`)
}

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const JITI = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-register.mjs', import.meta.url))

/** Runs the command line from source in a folder. */
export function runCli(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  mkdirSync(options.cwd, { recursive: true })
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', JITI, MAIN, ...args], {
      cwd: options.cwd,
      env: { ...process.env, CI: 'true', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
