// Chooses TCP ports and says who holds one. Keeps nothing: which ports are claimed is told by the caller.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { commandOf } from './process-identity.ts'

/** Chosen ports come from here: below the ephemeral range of Linux (32768) and of macOS (49152), so no outgoing connection sits on them. */
export const PORT_RANGE = { first: 20_000, last: 31_999 } as const

const SPAN = PORT_RANGE.last - PORT_RANGE.first + 1
// Odd and coprime to the span (12000 = 2^5 * 3 * 5^3): walking with it visits every port once, away from the neighbours' first choices.
const STRIDE = 7_919

/** The port that a key (`<cluster id>/<node>/<port name>`) hashes to: the same on every machine and every day. */
export function preferredPort(key: string): number {
  return PORT_RANGE.first + (createHash('sha256').update(key).digest().readUInt32BE(0) % SPAN)
}

/** True when a listener can bind `host:port` now. A listener on a wildcard address counts as taken. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.unref()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** A killed process counts as dead before the kernel has closed its last socket, ms. */
const CLOSING_MS = 1_000
const LOOK_AGAIN_MS = 20

/** True when the port is free, or becomes so while whoever had it is ending. For ports that were ours: others are not waited for. */
export async function becomesFree(port: number, host: string, isFree: ChoosePortOptions['isFree'] = isPortFree): Promise<boolean> {
  const deadline = performance.now() + CLOSING_MS
  for (;;) {
    if (await isFree(port, host)) return true
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

export interface ChoosePortOptions {
  /** `<cluster id>/<node>/<port name>`. */
  readonly key: string
  /** Port it had before: taken again when it is free and not claimed. */
  readonly keep?: number | undefined
  /** Ports that must not be given: of other nodes, of other clusters. */
  readonly claimed: ReadonlySet<number>
  /** Address it must be free on. */
  readonly host: string
  readonly isFree?: (port: number, host: string) => Promise<boolean>
}

/** A free, unclaimed port of {@link PORT_RANGE}: the kept one, else the key's own, else the next of its walk; undefined when all are taken. */
export async function choosePort(options: ChoosePortOptions): Promise<number | undefined> {
  const isFree = options.isFree ?? isPortFree
  const usable = async (port: number) => !options.claimed.has(port) && (await isFree(port, options.host))
  const { keep, claimed, host } = options
  if (keep !== undefined && !claimed.has(keep) && (await becomesFree(keep, host, isFree))) return keep
  const start = preferredPort(options.key) - PORT_RANGE.first
  for (let step = 0; step < SPAN; step++) {
    const port = PORT_RANGE.first + ((start + step * STRIDE) % SPAN)
    if (await usable(port)) return port
  }
  return undefined
}

/** Who listens on a port. */
export interface PortOwner {
  readonly pid?: number
  readonly command?: string
  /** For messages: `pid 4711 (java -cp ...)`, `a container (docker-proxy, pid 812)`, `a process of another user`. */
  readonly text: string
}

/** Inodes of sockets in state LISTEN on this port (proc(5): /proc/net/tcp, local address and state 0A in hex). */
export function listeningInodes(procNetTcp: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const inodes: string[] = []
  for (const line of procNetTcp.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[3] === '0A' && fields[1]?.endsWith(suffix) && fields[9]) inodes.push(fields[9])
  }
  return inodes
}

function describe(pid: number): PortOwner {
  const command = commandOf(pid)
  if (command?.includes('docker-proxy') || command?.includes('rootlessport')) {
    return { pid, command, text: `a container (${command.split(' ')[0]?.split('/').pop() ?? 'proxy'}, pid ${pid})` }
  }
  return command === undefined ? { pid, text: `pid ${pid}` } : { pid, command, text: `pid ${pid} (${command})` }
}

async function linuxOwner(port: number): Promise<PortOwner | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const wanted = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`))
  if (wanted.size === 0) return undefined
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const fds = await readdir(`/proc/${entry}/fd`).catch(() => [])
    for (const fd of fds) {
      const target = await readlink(`/proc/${entry}/fd/${fd}`).catch(() => '')
      if (wanted.has(target)) return describe(Number(entry))
    }
  }
  return { text: 'a process of another user' }
}

function lsofOwner(port: number): Promise<PortOwner | undefined> {
  return new Promise((resolve) => {
    execFile('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], { timeout: 3_000 }, (_error, stdout) => {
      const pid = /^p(\d+)$/m.exec(stdout)?.[1]
      resolve(pid === undefined ? undefined : describe(Number(pid)))
    })
  })
}

/** Who listens on this TCP port of this machine; undefined when nobody does or it cannot be known. Never throws. */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  try {
    return process.platform === 'linux' ? await linuxOwner(port) : await lsofOwner(port)
  } catch {
    return undefined
  }
}
