// Which Kafka versions exist for both runtimes, what a line means, and the pinned artifacts of each. The data is made by scripts/make-catalogue.mjs.
import { readFileSync } from 'node:fs'
import type { MavenArtifact } from '../../model/node.ts'
import { TEMPLATES } from '../../util/package-root.ts'

/** Newest first. `complete`: broker, tools, Connect and image all exist, so that an omitted version may mean it. */
const RELEASES = [
  { version: '4.4.0', complete: false },
  { version: '4.3.1', complete: true },
  { version: '4.2.1', complete: false },
  { version: '4.1.2', complete: true },
  { version: '4.0.2', complete: true },
  { version: '3.9.2', complete: true },
] as const

export const KAFKA_VERSIONS: readonly string[] = RELEASES.map((release) => release.version)

/** `4.3.1` -> `4.3`. */
export function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** Exact version that a line or an exact version means; undefined when the catalogue has none. */
export function resolveVersion(wanted: string): string | undefined {
  return KAFKA_VERSIONS.find((version) => version === wanted || lineOf(version) === wanted)
}

/** What an omitted version means: the newest complete release that knows the mode. */
export function defaultVersion(mode: 'kraft' | 'zookeeper'): string {
  const release = RELEASES.find(({ version, complete }) => complete && (mode === 'kraft' || !isAtLeast(version, '4.0')))
  if (!release) throw new Error(`no release for ${mode}`)
  return release.version
}

/** Compares by number: `isAtLeast('4.10.0', '4.2')`. Unknown text compares as 0. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0))
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

/** The official image of a version. */
export function kafkaImage(version: string): string {
  return `apache/kafka:${version}`
}

/** One file of templates/kafka/artifacts. */
export interface KafkaArtifacts {
  readonly version: string
  /** The broker's class path, in order, one log binding included. */
  readonly broker: readonly MavenArtifact[]
  readonly tools: {
    /** Version of the tools, or null where none could be had. */
    readonly version: string | null
    /** `with-broker`: added to the broker's class path. `alone`: a class path of another version. */
    readonly classPath: 'with-broker' | 'alone'
    /** Name -> main class. */
    readonly commands: Readonly<Record<string, string>>
    readonly artifacts: readonly MavenArtifact[]
  }
  /** What the version's formatter writes beside meta.properties, and where: it carries the default features. */
  readonly bootstrapCheckpoint: { readonly path: string; readonly base64: string }
  /** Names of all settings of this version. */
  readonly configs: { readonly topic: readonly string[]; readonly broker: readonly string[] }
}

const loaded = new Map<string, KafkaArtifacts>()

/** Reads the artifacts of an exact version of the catalogue (once). */
export function kafkaArtifacts(version: string): KafkaArtifacts {
  const known = loaded.get(version)
  if (known) return known
  const data: KafkaArtifacts = JSON.parse(readFileSync(new URL(`kafka/artifacts/${version}.json`, TEMPLATES), 'utf8'))
  loaded.set(version, data)
  return data
}
