// A home of its own for a scenario with real nodes, and the proof that nothing of it is left: processes by their marker, containers by label.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StartOptions } from '../../src/lifecycle/options.ts'
import { socketPath } from '../../src/runtimes/process/supervisor-socket.ts'
import { mirror } from '../docker/docker-cli.ts'

/** The built package. */
export const DIST = new URL('../../dist/', import.meta.url)
export const CLI = fileURLToPath(new URL('devcluster.cjs', DIST))

export type RuntimeName = 'process' | 'docker'

export interface World {
  readonly runtime: RuntimeName
  /** A folder for cluster files. */
  readonly dir: string
  readonly home: string
  /** Options every start in this world gets. */
  readonly options: StartOptions
  /** `--runtime` and `--set` flags of the same meaning. */
  readonly flags: readonly string[]
  /** Runs the built command line. */
  cli(
    args: readonly string[],
    options?: { cwd?: string; killAfterMs?: number },
  ): Promise<{ code: number | null; stdout: string; stderr: string }>
  /** What is left of a cluster: processes, containers, networks, volumes, folders, sockets. */
  leftOf(id: string): string[]
  /** Paths of its supervisor's socket, where there is one. */
  socketsOf(id: string): string[]
  close(): void
}

/** A world; DEVCLUSTER_HOME points into it until `close`. */
export function openWorld(runtime: RuntimeName): World {
  const base = mkdtempSync(join(tmpdir(), 'devcluster-world-'))
  const home = join(base, 'home')
  const dir = join(base, 'project')
  mkdirSync(dir)
  process.env['DEVCLUSTER_HOME'] = home
  const mirrors = runtime === 'docker' && mirror ? [`mirrors["docker.io"]=${mirror}`] : []
  return {
    runtime,
    dir,
    home,
    options: { runtime, cwd: dir, set: mirrors },
    flags: ['--runtime', runtime, ...mirrors.flatMap((set) => ['--set', set])],
    cli: (args, options = {}) => runCli(args, options.cwd ?? dir, home, options.killAfterMs),
    leftOf: (id) => [...processesOf(id), ...(runtime === 'docker' ? objectsOf(id) : []), ...foldersOf(home, id), ...socketsOf(home, id)],
    socketsOf: (id) => socketsOf(home, id),
    close: () => {
      delete process.env['DEVCLUSTER_HOME']
      rmSync(base, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

function runCli(
  args: readonly string[],
  cwd: string,
  home: string,
  killAfterMs?: number,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd,
      env: { ...process.env, DEVCLUSTER_HOME: home, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output.stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output.stderr += chunk
    })
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, ...output })
    })
  })
}

/** Live processes whose environment carries the cluster's marker. */
export function processesOf(id: string): string[] {
  const found: string[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DEVCLUSTER_CLUSTER=${id}`)) continue
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
      if (state !== 'Z') found.push(`process ${pid}`)
    } catch {
      // gone, or another user's
    }
  }
  return found
}

function objectsOf(id: string): string[] {
  const filter = ['--filter', `label=devcluster.cluster=${id}`]
  return [
    ['container', 'ps', '-aq'],
    ['network', 'network', 'ls', '-q'],
    ['volume', 'volume', 'ls', '-q'],
  ].flatMap(([what, ...list]) =>
    execFileSync('docker', [...list, ...filter], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${what} ${line}`),
  )
}

function foldersOf(home: string, id: string): string[] {
  try {
    return readdirSync(join(home, 'clusters')).includes(id) ? [`folder clusters/${id}`] : []
  } catch {
    return []
  }
}

function socketsOf(home: string, id: string): string[] {
  const path = socketPath(join(home, 'clusters', id))
  return existsSync(path) ? [path] : []
}

/** Polls until the check holds. @throws after `withinMs` */
export async function eventually(check: () => boolean | Promise<boolean>, withinMs: number, what: string): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (await check()) return
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
