// The small half of a cluster's state: what looking at a cluster needs, without launch commands, files and settings.
// The whole state of a few nodes is megabytes, and reading it would cost `status` more than asking the nodes.
import { realpathSync } from 'node:fs'
import type { Address } from '../model/placement.ts'
import type { OwnerRef } from '../model/runtime.ts'
import type { StoredCluster } from './state.ts'

export interface SummaryNode {
  readonly id: string
  readonly service: string
  readonly kind: string
  readonly role: string
  readonly fingerprint: string
  /** Published ports by name. */
  readonly ports: Readonly<Record<string, Address>>
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** `summary.json`, beside `cluster.json`. */
export interface ClusterSummary
  extends Pick<
    StoredCluster,
    'v' | 'id' | 'name' | 'writtenBy' | 'runtime' | 'inputs' | 'env' | 'spring' | 'about' | 'secrets' | 'createdAt' | 'ready'
  > {
  readonly owner?: OwnerRef
  /** Folder of the cluster file, and its real path when it was written: what the id is made of. */
  readonly dir?: string
  readonly realDir?: string
  readonly services: readonly { readonly name: string; readonly kind: string }[]
  readonly nodes: readonly SummaryNode[]
}

/** The folder itself where it is gone: nothing can be found by it then, and nothing else can take its place. */
function realpathOf(dir: string): string {
  try {
    return realpathSync(dir)
  } catch {
    return dir
  }
}

export function summaryOf(stored: StoredCluster): ClusterSummary {
  const { v, id, name, writtenBy, runtime, inputs, env, spring, about, secrets, createdAt, ready, owner, spec } = stored
  return {
    v,
    id,
    name,
    writtenBy,
    runtime,
    inputs,
    env,
    spring,
    ...(about ? { about } : {}),
    secrets,
    createdAt,
    ready,
    ...(owner ? { owner } : {}),
    ...(spec.dir === undefined ? {} : { dir: spec.dir, realDir: realpathOf(spec.dir) }),
    services: spec.services.map((service) => ({ name: service.name, kind: service.kind })),
    nodes: stored.nodes.map((node) => ({
      id: node.id,
      service: node.service,
      kind: node.kind,
      role: node.role,
      fingerprint: node.fingerprint,
      facts: node.facts,
      ports: Object.fromEntries(Object.entries(node.place.ports).flatMap(([port, place]) => (place.host ? [[port, place.host]] : []))),
    })),
  }
}
