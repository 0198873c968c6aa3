// Puts a node under a memory limit by a cgroup (v1 or v2) where this user may make one: root, or a delegated subtree. Where not, the limit is
// left to the service (which derives the heap from it); that is no error, as a process has no other enforceable limit without root.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Hierarchy {
  readonly parents: readonly string[]
  readonly limit: string
}

/** Candidates below which a group may be made, from /proc/self/cgroup (cgroups(7)). */
function hierarchies(): Hierarchy[] {
  const found: Hierarchy[] = []
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers.split(',').includes('memory')) {
      found.push({ parents: [join('/sys/fs/cgroup/memory', path), '/sys/fs/cgroup/memory'], limit: 'memory.limit_in_bytes' })
    } else if (controllers === '') {
      // v2 forbids processes in inner groups: beside our own group is possible where below it is not.
      found.push({ parents: [join('/sys/fs/cgroup', path), join('/sys/fs/cgroup', path, '..'), '/sys/fs/cgroup'], limit: 'memory.max' })
    }
  }
  return found
}

/** Makes (or takes again) a group with this limit; undefined where that is not possible. Never throws. */
export function makeMemoryGroup(cluster: string, node: string, limitBytes: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    for (const { parents, limit } of hierarchies()) {
      for (const parent of parents) {
        const group = join(parent, `devcluster-${cluster}-${node}`)
        try {
          mkdirSync(group, { recursive: false })
        } catch {
          if (!existsSync(group)) continue
        }
        try {
          if (!existsSync(join(group, limit))) throw new Error('no memory controller here')
          writeFileSync(join(group, limit), String(limitBytes))
          return group
        } catch {
          removeGroup(group)
        }
      }
    }
  } catch {
    // no cgroups at all
  }
  return undefined
}

/** How often the kernel killed in this group for memory; 0 where unknown. */
export function oomKills(group: string): number {
  for (const file of ['memory.events', 'memory.oom_control']) {
    try {
      return Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(group, file), 'utf8'))?.[1] ?? 0)
    } catch {
      // the other version's file
    }
  }
  return 0
}

/** Removes an empty group; content when it is gone or still in use. */
export function removeGroup(group: string): void {
  try {
    rmdirSync(group)
  } catch {
    // in use or gone
  }
}
