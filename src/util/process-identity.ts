// Names a process by pid and start time, so that a recycled pid is never taken for the old process. Sends no signals.
import { readFileSync } from 'node:fs'

let bootId: string | undefined

/** What `ps` prints. Loaded where it is needed: Linux needs none of it, and `status` is measured in milliseconds. */
function ps(...args: string[]): string {
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

function currentBootId(): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8)
  return bootId
}

/**
 * Start time of a live process as opaque text, or undefined when there is none (or it is a zombie).
 * Linux: boot id and field 22 of /proc/<pid>/stat (proc(5)); elsewhere `ps -o lstart`.
 */
export function startTimeOf(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The command may contain blanks and parentheses: fields count from the last ')'.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined
      return `${currentBootId()}-${fields[19]}`
    } catch {
      return undefined
    }
  }
  try {
    const text = ps('-o', 'lstart=', '-p', String(pid))
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}

/** True when this very process still runs. */
export function isAlive(pid: number, startedAt: string): boolean {
  return startTimeOf(pid) === startedAt
}

/** Command line of a process for messages, shortened; undefined when it is gone or not ours to read. */
export function commandOf(pid: number): string | undefined {
  try {
    const text =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        : ps('-o', 'command=', '-p', String(pid))
    return text === '' ? undefined : text.length > 120 ? `${text.slice(0, 117)}...` : text
  } catch {
    return undefined
  }
}

/** This process as an owner. */
export function selfIdentity(): { pid: number; startedAt: string; command: string } {
  return {
    pid: process.pid,
    startedAt: startTimeOf(process.pid) ?? 'unknown',
    command: [process.argv0, ...process.argv.slice(1)].join(' ').slice(0, 200),
  }
}
