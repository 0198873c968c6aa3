// Which ZooKeeper versions exist for both runtimes, what a line means, and the pinned artifacts of each. Data: scripts/make-catalogue.mjs.
import { readFileSync } from 'node:fs'
import type { MavenArtifact } from '../../model/node.ts'
import { TEMPLATES } from '../../util/package-root.ts'

/** Newest first; the first is what an omitted version means. */
export const ZOOKEEPER_VERSIONS = ['3.9.4', '3.8.4'] as const

/** `3.9.4` -> `3.9`. */
export function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** Exact version that a line or an exact version means; undefined when the catalogue has none. */
export function resolveVersion(wanted: string): string | undefined {
  return ZOOKEEPER_VERSIONS.find((version) => version === wanted || lineOf(version) === wanted)
}

/** The official image of a version. */
export function zookeeperImage(version: string): string {
  return `zookeeper:${version}`
}

/** One file of templates/zookeeper/artifacts. */
export interface ZookeeperArtifacts {
  readonly version: string
  /** Class path of server and shell, in order. */
  readonly server: readonly MavenArtifact[]
}

const loaded = new Map<string, ZookeeperArtifacts>()

/** Reads the artifacts of an exact version of the catalogue (once). */
export function zookeeperArtifacts(version: string): ZookeeperArtifacts {
  const known = loaded.get(version)
  if (known) return known
  const data: ZookeeperArtifacts = JSON.parse(readFileSync(new URL(`zookeeper/artifacts/${version}.json`, TEMPLATES), 'utf8'))
  loaded.set(version, data)
  return data
}
