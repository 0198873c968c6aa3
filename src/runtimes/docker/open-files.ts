// How many open files a node is allowed. Sets nothing.
import { readFile } from 'node:fs/promises'
import type { Connection } from './connect.ts'

// Some hosts allow a billion descriptors, and daemons that close them all one by one then take minutes to start (docker-library/rabbitmq#545);
// others allow a thousand, too few for a broker.
const WANTED = 65_536

/** Hard limit in the text of /proc/<pid>/limits (proc(5)); undefined for `unlimited` or another form. */
export function hardLimit(limits: string): number | undefined {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1]
  return hard === undefined ? undefined : Number(hard)
}

/**
 * The limit to ask for. An engine that itself runs without the right to raise limits (in a container, rootless) refuses more than its own; on
 * this machine ours is the best guess at it. Podman's default is sane, and a rootless one refuses any raise.
 */
export async function openFileLimit({ engine, podman }: Connection): Promise<number | undefined> {
  if (podman) return undefined
  if (engine.endpoint.type !== 'unix' || process.platform !== 'linux') return WANTED
  const own = hardLimit(await readFile('/proc/self/limits', 'utf8').catch(() => ''))
  return own === undefined ? WANTED : Math.min(WANTED, own)
}

/** True when an engine's refusal to start is about limits. */
export const isLimitRefusal = (message: string): boolean => /rlimit|operation not permitted.*nofile/i.test(message)
