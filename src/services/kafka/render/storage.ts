// The formatted storage of a node without running the formatter: meta.properties by hand, the formatter's checkpoint from the catalogue.
// No directory.id: the broker adds its own (KafkaRaftServer.initializeLogDirs), and copies must not share one.
import { formatProperties } from '../../../render/formats/properties.ts'
import type { KafkaArtifacts } from '../catalogue.ts'

export interface StorageFile {
  readonly path: string
  readonly content: string | { readonly base64: string }
}

/** What the log directory must hold before the first start in KRaft mode. Voters also get the checkpoint with the version's default features. */
export function storageFiles(
  node: { readonly clusterId: string; readonly nodeId: number; readonly voter: boolean },
  artifacts: KafkaArtifacts,
): StorageFile[] {
  const meta = formatProperties([
    ['version', '1'],
    ['cluster.id', node.clusterId],
    ['node.id', String(node.nodeId)],
  ])
  const { path, base64 } = artifacts.bootstrapCheckpoint
  return [{ path: 'meta.properties', content: meta }, ...(node.voter ? [{ path, content: { base64 } }] : [])]
}
