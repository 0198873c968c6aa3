// The cluster's own file: what was resolved and placed, so that others can attach without the cluster file. A cache: what runs is the truth.
import { statSync } from 'node:fs'
import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeSpec } from '../model/node.ts'
import type { ClusterRef, OwnerRef } from '../model/runtime.ts'
import type { SeedMemory } from '../model/service.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { makeDir, readJson, writeFileAtomic } from '../util/fs.ts'
import { clusterStateDir } from '../util/paths.ts'
import { writingState } from '../util/unwritable.ts'
import { stateFile, summaryFile } from './look.ts'
import { summaryOf } from './summary.ts'

/** `cluster.json`. Additive only. */
export interface StoredCluster {
  readonly v: 1
  readonly id: string
  readonly name: string
  /** devcluster's own version that wrote it. */
  readonly writtenBy: string
  readonly runtime: 'docker' | 'process' | 'fake'
  readonly spec: ClusterSpec
  readonly nodes: readonly NodeSpec[]
  /** What the spec was made from (config/inputs.ts), to tell whether anything changed without parsing. */
  readonly inputs: unknown
  /** Per service: hash of its declarations when they were last seeded completely. */
  readonly seeded: Readonly<Record<string, string>>
  /** Flat connection settings from the host, and from a container. */
  readonly env: { readonly host: Readonly<Record<string, string>>; readonly container: Readonly<Record<string, string>> }
  readonly spring: Readonly<Record<string, string>>
  /** Per service what `status` and `up` say of it, so that they need no definition to say it. Absent in older files. */
  readonly about?: Readonly<
    Record<string, { readonly description: string /** A command to copy that shows data. */; readonly tryIt?: string }>
  >
  /** Names in `env` that are secrets. */
  readonly secrets: readonly string[]
  readonly owner?: OwnerRef
  /** Epoch ms of the first up. */
  readonly createdAt: number
  /** False while an up is under way or after one that failed. */
  readonly ready: boolean
}

/** The stored cluster, or undefined when there is none or it cannot be read as one. */
export async function readStored(id: string): Promise<StoredCluster | undefined> {
  return readStoredFile(stateFile(id))
}

export async function readStoredFile(path: string): Promise<StoredCluster | undefined> {
  const value = unpack(await readJson(path))
  return isStored(value) ? value : undefined
}

/** Every node and every tool of it names its distribution, dozens of files long: stored once each, by id. */
function pack(stored: StoredCluster): string {
  const distributions: Record<string, unknown> = {}
  const text = JSON.stringify(stored, (key, value: unknown) => {
    if (
      key !== 'distribution' ||
      typeof value !== 'object' ||
      value === null ||
      !('artifacts' in value) ||
      !('id' in value) ||
      typeof value.id !== 'string'
    )
      return value
    distributions[value.id] = value
    return { $distribution: value.id }
  })
  return `${text.slice(0, -1)},"distributions":${JSON.stringify(distributions)}}`
}

function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('distributions' in value)) return value
  const { distributions } = value
  if (typeof distributions !== 'object' || distributions === null) return value
  const table = new Map(Object.entries(distributions))
  const revive = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(revive)
    if (typeof node !== 'object' || node === null) return node
    if ('$distribution' in node && typeof node.$distribution === 'string') return table.get(node.$distribution)
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, revive(child)]))
  }
  const { distributions: _, ...rest } = value
  return revive(rest)
}

function isStored(value: unknown): value is StoredCluster {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    'nodes' in value &&
    Array.isArray(value.nodes) &&
    'spec' in value &&
    'env' in value
  )
}

/** Writes both halves. @throws STATE_UNWRITABLE with the path. */
export async function writeStored(stored: StoredCluster): Promise<void> {
  const path = stateFile(stored.id)
  await writingState(path, async () => {
    await writeFileAtomic(path, pack(stored))
    const { size, mtimeMs } = await stat(path)
    await writeFileAtomic(summaryFile(stored.id), JSON.stringify({ of: { size, mtimeMs }, summary: summaryOf(stored) }))
  })
}

/** Makes the cluster's folder, 0700. @throws STATE_UNWRITABLE */
export async function ensureStateDir(id: string): Promise<string> {
  const dir = clusterStateDir(id)
  await writingState(dir, () => makeDir(dir))
  return dir
}

/** @returns the folder, when there was one to remove: that of a failed up holds only reports. */
export async function removeState(id: string, options: { keepData: boolean }): Promise<string[]> {
  const dir = clusterStateDir(id)
  if (options.keepData || !statSync(dir, { throwIfNoEntry: false })) return []
  await writingState(dir, () => rm(dir, { recursive: true, force: true, maxRetries: 3 }))
  return [dir]
}

/** Forgets a cluster whose first up failed: its folder goes, but for the reports that explain why. */
export async function forgetState(id: string): Promise<void> {
  const dir = clusterStateDir(id)
  const names = await readdir(dir).catch(() => [])
  const gone = names.filter((name) => name !== 'reports')
  await Promise.all(gone.map((name) => rm(join(dir, name), { recursive: true, force: true, maxRetries: 3 })))
  if (gone.length === names.length) await rmdir(dir).catch(() => undefined)
}

export function refOf(spec: ClusterSpec, owner: OwnerRef | undefined): ClusterRef {
  return {
    id: spec.id,
    name: spec.name,
    stateDir: clusterStateDir(spec.id),
    bind: spec.bind,
    mirrors: spec.mirrors,
    ...(owner ? { owner } : {}),
  }
}

type Facts = Readonly<Record<string, string | number | boolean>>

/** Seed memories of all services of a cluster, written through to `seeds.json`: what is put at the same moment is one write. */
export class SeedMemories {
  readonly #path: string
  readonly #all: Record<string, Record<string, Facts>>
  #writing: Promise<void> = Promise.resolve()
  /** The write that has not begun yet. */
  #next: Promise<void> | undefined

  private constructor(path: string, all: Record<string, Record<string, Facts>>) {
    this.#path = path
    this.#all = all
  }

  static async open(id: string): Promise<SeedMemories> {
    const path = join(clusterStateDir(id), 'seeds.json')
    const value = await readJson(path)
    const all: Record<string, Record<string, Facts>> = {}
    if (typeof value === 'object' && value !== null) Object.assign(all, value)
    return new SeedMemories(path, all)
  }

  of(service: string): SeedMemory {
    const own = () => (this.#all[service] ??= {})
    return {
      get: (key) => own()[key],
      put: async (key, value) => {
        own()[key] = value
        await this.#save()
      },
      delete: async (key) => {
        delete own()[key]
        await this.#save()
      },
    }
  }

  async forget(service: string): Promise<void> {
    delete this.#all[service]
    await this.#save()
  }

  /** Resolves when what is known now is on disk. A write that has not begun takes along what was put meanwhile: each costs a flush. */
  #save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return writeFileAtomic(this.#path, JSON.stringify(this.#all))
      })
    this.#writing = this.#next
    return this.#next
  }
}
