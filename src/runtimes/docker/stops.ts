// Remembers which containers devcluster itself stopped or killed, so that their exits are not taken for failures. In memory and as small
// files in the cluster's state: labels of a container cannot be changed. Losing them only makes a stop look unexpected.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterRef } from '../../model/runtime.ts'
import { makeDir } from '../../util/fs.ts'

export interface Stops {
  /** Called before the signal is sent. */
  expect(cluster: ClusterRef, nodeId: string, containerId: string): Promise<void>
  /** Called before the container is started again. */
  clear(cluster: ClusterRef, nodeId: string, containerId: string): Promise<void>
  isExpected(cluster: ClusterRef, nodeId: string, containerId: string): Promise<boolean>
}

/** Folder of this runtime's own files in a cluster's state. */
export const runtimeDir = (cluster: ClusterRef): string => join(cluster.stateDir, 'docker')

const markerPath = (cluster: ClusterRef, nodeId: string) => join(runtimeDir(cluster), `${nodeId}.stopped`)

/** A new memory. */
export function createStops(): Stops {
  const expected = new Set<string>()
  return {
    async expect(cluster, nodeId, containerId) {
      expected.add(containerId)
      try {
        await makeDir(runtimeDir(cluster))
        await writeFile(markerPath(cluster, nodeId), containerId, { mode: 0o600 })
      } catch {
        // A state folder that is gone or read-only must not keep a node from being stopped.
      }
    },
    async clear(cluster, nodeId, containerId) {
      expected.delete(containerId)
      await rm(markerPath(cluster, nodeId), { force: true }).catch(() => undefined)
    },
    async isExpected(cluster, nodeId, containerId) {
      if (expected.has(containerId)) return true
      return (await readFile(markerPath(cluster, nodeId), 'utf8').catch(() => '')) === containerId
    },
  }
}
