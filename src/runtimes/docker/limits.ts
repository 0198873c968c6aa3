// Which limits of the system (setrlimit(2)) a node is given: open files and processes. Sets nothing.
import { readFile } from 'node:fs/promises'
import { DevclusterError, messageOf } from '../../errors.ts'
import type { Connection } from './connect.ts'

/** What is left out is the engine's to choose. */
export interface Limits {
  readonly openFiles?: number
  readonly processes?: number
}

// Some hosts allow a billion descriptors, and daemons that close them all one by one then take minutes to start (docker-library/rabbitmq#545);
// others allow a thousand, too few for a broker.
const WANTED_FILES = 65_536

/** Hard limit by its name in the text of /proc/<pid>/limits (proc(5)); undefined for `unlimited` or another form. */
export function hardLimit(limits: string, name: 'open files' | 'processes'): number | undefined {
  const hard = new RegExp(`^Max ${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(limits)?.[1]
  return hard === undefined ? undefined : Number(hard)
}

/** CAP_SYS_RESOURCE (capabilities(7)). */
const MAY_RAISE = 1n << 24n

/** Whether anything started from here could raise limits, from the text of /proc/<pid>/status: what its bounding set lacks, nobody gets back. */
export function mayRaise(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return bounding === undefined || (BigInt(`0x${bounding}`) & MAY_RAISE) !== 0n
}

/** PID_MAX_LIMIT of the kernel on 64 bits (proc_sys_kernel(5)). */
const MOST_IDS = 4_194_304

const read = (path: string) => readFile(path, 'utf8').catch(() => '')

/**
 * The limits to ask for. An engine that itself runs without the right to raise limits (in a container, rootless) refuses more than its own; on
 * this machine ours are the best guess at them.
 */
export async function limitsFor({ engine, podman }: Connection): Promise<Limits> {
  const isHere = engine.endpoint.type === 'unix' && process.platform === 'linux'
  // Podman's defaults are sane where it may raise limits, and where it is rootless; it takes them to be possible everywhere else, too.
  if (podman !== undefined && (!isHere || mayRaise(await read('/proc/self/status')))) return {}
  const own = isHere ? await read('/proc/self/limits') : ''
  const openFiles = Math.min(WANTED_FILES, hardLimit(own, 'open files') ?? WANTED_FILES)
  if (podman === undefined) return { openFiles }
  // Podman lowers its own to as many as there are process ids, and would then ask for a million.
  const ids = Number(await read('/proc/sys/kernel/pid_max')) || MOST_IDS
  return { openFiles, processes: Math.min(ids, hardLimit(own, 'processes') ?? ids) }
}

/** True when an engine's refusal to start is about limits. */
export const isLimitRefusal = (message: string): boolean => /rlimit|operation not permitted.*nofile/i.test(message)

/** START_FAILED for limits that Podman cannot set. There is no second attempt: it keeps the ports of a container it failed to start for a while. */
export function limitsOutOfReach(nodeId: string, thrown: unknown): DevclusterError {
  return new DevclusterError(
    'START_FAILED',
    `the container engine could not start ${nodeId}: Podman may not set the limits of open files and processes it gives to containers: ${messageOf(thrown)}`,
    {
      node: nodeId,
      hint: 'give it ones it may set, `default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]` under [containers] in its containers.conf, and restart its service',
      cause: thrown,
    },
  )
}
