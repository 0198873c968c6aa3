// Child processes by the clock, and which processes are whose. Times are epoch ms with fractions, comparable between processes.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export const epoch = () => performance.timeOrigin + performance.now()
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Runs a program to its end.
 * @returns {Promise<{ code: number, ms: number, spawnedAt: number, endedAt: number, out: string, err: string }>}
 */
export function timed(program, args, { env, cwd, timeoutMs = 300_000 } = {}) {
  return new Promise((resolve, reject) => {
    const spawnedAt = epoch()
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let endedAt = 0
    let out = ''
    let err = ''
    const limit = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.once('error', reject)
    child.once('exit', () => {
      endedAt = epoch()
    })
    child.once('close', (code, signal) => {
      clearTimeout(limit)
      resolve({ code: code ?? (signal ? 128 : 1), ms: endedAt - spawnedAt, spawnedAt, endedAt, out, err })
    })
  })
}

/** The same, and a failure is an error with its output. */
export async function run(program, args, options) {
  const result = await timed(program, args, options)
  if (result.code !== 0) {
    const shown = args.join(' ').length > 200 ? `${args.join(' ').slice(0, 200)}...` : args.join(' ')
    throw new Error(`${program} ${shown}: exit ${result.code}\n${result.err.slice(-3000)}${result.out.slice(-1000)}`)
  }
  return result
}

/** Start time of a process in clock ticks since boot; undefined when it is gone. */
function startedAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** Identity of a process of ours, so that a number used again is never mistaken for it. */
export function identify(pid) {
  return { pid, startedAt: startedAt(pid) }
}

export const lives = ({ pid, startedAt: then }) => then !== undefined && startedAt(pid) === then

/** Ends it at once and waits until it is gone. */
export async function killHard(identity) {
  if (lives(identity)) process.kill(identity.pid, 'SIGKILL')
  while (lives(identity)) await sleep(5)
}

export function commandLine(pid) {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
}

/** Resident memory in MB (10^6 bytes), and the proportional share of it where we may read that. */
export function memoryOf(pid) {
  const sum = (text, name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024) / 1e6
  const rssMb = sum(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS')
  try {
    return { rssMb, pssMb: sum(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') }
  } catch {
    // Another user's process.
    return { rssMb }
  }
}
