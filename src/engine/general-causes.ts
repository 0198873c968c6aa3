// Causes every node can have, whatever its service: memory limit, full disk, a foreign SIGKILL. Services bring their own.
import type { Cause } from '../model/service.ts'

/** Tried after the service's own causes. */
export const causeOfExit: Cause = {
  id: 'NODE_ENDED',
  match: ({ node, exit, log }) => {
    if (exit?.outOfMemory) {
      return {
        cause: 'it used more memory than its limit and was killed',
        remedy: `raise resources.memory of ${node.service} in the cluster file, or give it a smaller heap`,
      }
    }
    if (log.some((line) => /No space left on device|ENOSPC/.test(line)))
      return { cause: 'the disk is full', remedy: 'free space, then devcluster up' }
    if (exit?.signal === 'SIGKILL' && !exit.expected) {
      return {
        cause: 'something outside devcluster killed it (often the kernel when memory runs out)',
        remedy: 'devcluster up repairs it; look at free memory first',
      }
    }
    return undefined
  },
}
