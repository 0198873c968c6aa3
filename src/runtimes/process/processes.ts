// Looks at processes of this machine: state, memory, and the marks that every process of a cluster carries in its environment.
// The marks make a process findable when every file about it is lost. Only `endGroup` sends a signal.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { isAlive, startTimeOf } from '../../util/process-identity.ts'

/** Environment variables of every process of a cluster. */
export const MARK = {
  cluster: 'DEVCLUSTER_CLUSTER',
  name: 'DEVCLUSTER_NAME',
  state: 'DEVCLUSTER_STATE_DIR',
  /** Absent on the supervisor and on archive jobs. */
  node: 'DEVCLUSTER_NODE',
  service: 'DEVCLUSTER_SERVICE',
  fingerprint: 'DEVCLUSTER_FINGERPRINT',
  /** JSON: port name -> port. */
  ports: 'DEVCLUSTER_PORTS',
  /** `supervisor`, `job`, `node`, `tool`. */
  role: 'DEVCLUSTER_ROLE',
} as const

export interface MarkedProcess {
  readonly pid: number
  readonly startedAt: string
  readonly cluster: string
  readonly role: string
  readonly marks: Readonly<Record<string, string>>
}

const NAMES: ReadonlySet<string> = new Set(Object.values(MARK))

function marksOf(entries: readonly string[]): Record<string, string> | undefined {
  const marks: Record<string, string> = {}
  for (const entry of entries) {
    const at = entry.indexOf('=')
    const name = entry.slice(0, at)
    if (at > 0 && NAMES.has(name)) marks[name] = entry.slice(at + 1)
  }
  return marks[MARK.cluster] === undefined || marks[MARK.role] === undefined ? undefined : marks
}

/** Kernel threads, where the kernel tells: they are most of a small machine's processes, have no environment, and cost a read each. */
function kernelThreads(): ReadonlySet<string> {
  try {
    // Inside a container's own process ids 2 is anybody.
    if (readFileSync('/proc/2/comm', 'utf8') !== 'kthreadd\n') return new Set()
    return new Set(['2', ...readFileSync('/proc/2/task/2/children', 'utf8').split(' ')])
  } catch {
    return new Set()
  }
}

/** All environments are read into one buffer of this size, one after the other. */
const ENVIRONMENT_BYTES = 256 * 1024

function linuxEnvironments(): [number, string[]][] {
  const buffer = Buffer.allocUnsafe(ENVIRONMENT_BYTES)
  const threads = kernelThreads()
  const found: [number, string[]][] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || threads.has(name)) continue
    let file: number | undefined
    try {
      file = openSync(`/proc/${name}/environ`, 'r')
      let length = 0
      for (let more = -1; more !== 0 && length < buffer.length; length += more)
        more = readSync(file, buffer, length, buffer.length - length, null)
      const environment = buffer.subarray(0, length)
      if (environment.includes(`${MARK.cluster}=`)) found.push([Number(name), environment.toString('utf8').split('\0')])
    } catch {
      // gone, or of another user
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }
  return found
}

function environments(): [number, string[]][] {
  if (process.platform === 'linux') return linuxEnvironments()
  // BSD ps prints the environment of the user's own processes behind the command with -E.
  const text = execFileSync('ps', ['-x', '-ww', '-E', '-o', 'pid=,command='], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  })
  return text.split('\n').flatMap((line): [number, string[]][] => {
    const pid = /^\s*(\d+)\s/.exec(line)?.[1]
    return pid !== undefined && line.includes(`${MARK.cluster}=`) ? [[Number(pid), line.split(' ')]] : []
  })
}

/** Live processes of this user that carry marks, of one cluster or of all. This process itself is never one of them. */
export function markedProcesses(cluster?: string): MarkedProcess[] {
  return environments().flatMap(([pid, entries]) => {
    const marks = marksOf(entries)
    const id = marks?.[MARK.cluster]
    if (!marks || id === undefined || pid === process.pid || (cluster !== undefined && id !== cluster)) return []
    const startedAt = startTimeOf(pid)
    return startedAt === undefined ? [] : [{ pid, startedAt, cluster: id, role: marks[MARK.role] ?? '', marks }]
  })
}

function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** True when it is stopped by a signal (SIGSTOP). */
export function isFrozen(pid: number): boolean {
  try {
    if (process.platform === 'linux') return statFields(pid)[0] === 'T'
    return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .startsWith('T')
  } catch {
    return false
  }
}

/** Highest resident memory so far, bytes (VmHWM of /proc/<pid>/status); undefined where it cannot be known. */
export function maxRssOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

/** CPU seconds and resident bytes of a process group, its leader's children included. */
export function usageOfGroup(leader: number): { cpuSeconds: number; rssBytes: number } {
  let cpuSeconds = 0
  let rssBytes = 0
  if (process.platform !== 'linux') {
    const text = execFileSync('ps', ['-A', '-o', 'pgid=,rss=,time='], { encoding: 'utf8' })
    for (const line of text.split('\n')) {
      const [pgid, rss, time = '0'] = line.trim().split(/\s+/)
      if (Number(pgid) !== leader) continue
      rssBytes += Number(rss) * 1024
      cpuSeconds += time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    }
    return { cpuSeconds, rssBytes }
  }
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const fields = statFields(Number(name))
      if (Number(fields[2]) !== leader) continue
      // proc(5): utime and stime in clock ticks (100 per second on every Linux that Node runs on), rss in pages.
      cpuSeconds += (Number(fields[11]) + Number(fields[12])) / 100
      rssBytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1] ?? 0) * 1024
    } catch {
      // gone meanwhile
    }
  }
  return { cpuSeconds, rssBytes }
}

/** Signals a node's whole process group, if its leader is still that very process; else nothing. */
export function signalGroup(pid: number, startedAt: string, signal: NodeJS.Signals): boolean {
  if (!isAlive(pid, startedAt)) return false
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

/** Signals one process, if it is still that very one. */
export function signalProcess(pid: number, startedAt: string, signal: NodeJS.Signals): boolean {
  if (!isAlive(pid, startedAt)) return false
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

/** Resolves true when none of them lives any more (a zombie counts as dead), false when time ran out. Looks every 5 ms at first, then every 20. */
export async function untilDead(processes: readonly { pid: number; startedAt: string }[], withinMs: number): Promise<boolean> {
  const begin = performance.now()
  for (;;) {
    if (!processes.some(({ pid, startedAt }) => isAlive(pid, startedAt))) return true
    const waited = performance.now() - begin
    if (waited > withinMs) return false
    await new Promise((resolve) => setTimeout(resolve, waited < 100 ? 5 : 20))
  }
}
