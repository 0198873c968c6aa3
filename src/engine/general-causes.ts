// Causes every node can have, whatever its service: memory limit, full disk, a foreign SIGKILL. Services bring their own.
import type { Cause } from '../model/service.ts'

const memoryLimit: Cause = {
  id: 'MEMORY_LIMIT',
  match: ({ node, exit }) => {
    if (!exit?.outOfMemory) return undefined
    const limit = node.resources.memoryBytes
    const size = limit === undefined ? '' : ` of ${Math.round(limit / 1024 / 1024)} MB`
    return {
      cause: `it needed more memory than its limit${size}, and the kernel killed it`,
      remedy: `raise resources: { memory: ... } of ${node.service} in the cluster file, or give it a smaller heap`,
    }
  },
}

const diskFull: Cause = {
  id: 'DISK_FULL',
  match: ({ log, node, disk }) => {
    const said = log.some((line) => /No space left on device|ENOSPC/.test(line))
    // Its log may lie on the same disk, so that it could not even say so.
    if (!said && disk?.full !== true) return undefined
    return {
      cause: `the disk is full (${disk?.path ?? node.place.dirs.data})`,
      remedy: 'free space there (devcluster gc removes old caches), or put DEVCLUSTER_HOME on another disk; then devcluster up',
    }
  },
}

const killed: Cause = {
  id: 'KILLED',
  match: ({ exit }) =>
    exit?.signal === 'SIGKILL' && !exit.expected
      ? {
          cause: 'something outside devcluster killed it (often the kernel when memory runs out)',
          remedy: 'look at free memory, then devcluster up',
        }
      : undefined,
}

/** What an exit or a disk proves; tried before a service reads its log, which may only show what followed. */
export const PROVEN_CAUSES: readonly Cause[] = [memoryLimit, diskFull]
/** Tried last. */
export const FALLBACK_CAUSES: readonly Cause[] = [killed]
