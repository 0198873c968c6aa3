// Proves that the kernel killed a node for its memory where the engine does not say so (Podman before 5 looks for conmon's note of it in the
// wrong place): by the kernel's own count of such kills, noted when a limited node starts and compared once SIGKILL has ended it. Holds for an
// engine on this machine only; of another one its own word is all there is.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterRef } from '../../model/runtime.ts'
import type { Endpoint } from './endpoint.ts'
import { runtimeDir } from './stops.ts'

/** `oom_kill` in the text of /proc/vmstat: kills since boot, for a group's limit or the whole machine's memory; undefined before Linux 4.13. */
export function oomKillsIn(vmstat: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(vmstat)?.[1]
  return count === undefined ? undefined : Number(count)
}

async function oomKills(): Promise<number | undefined> {
  return oomKillsIn(await readFile('/proc/vmstat', 'utf8').catch(() => ''))
}

const notePath = (cluster: ClusterRef, nodeId: string) => join(runtimeDir(cluster), `${nodeId}.oom-kills`)

/** Called before a container with a memory limit starts. */
export async function noteOomKills(endpoint: Endpoint, cluster: ClusterRef, nodeId: string, containerId: string): Promise<void> {
  const count = endpoint.type === 'unix' ? await oomKills() : undefined
  try {
    if (count === undefined) return await rm(notePath(cluster, nodeId), { force: true })
    await mkdir(runtimeDir(cluster), { recursive: true, mode: 0o700 })
    await writeFile(notePath(cluster, nodeId), `${containerId} ${count}`, { mode: 0o600 })
  } catch {
    // A state folder that is gone or read-only must not keep a node from starting.
  }
}

/** Whether the kernel has killed for memory since the container started; false where that was not noted. */
export async function wereOomKills(cluster: ClusterRef, nodeId: string, containerId: string): Promise<boolean> {
  const [id, before] = (await readFile(notePath(cluster, nodeId), 'utf8').catch(() => '')).split(' ')
  return id === containerId && ((await oomKills()) ?? 0) > Number(before)
}
