// What every scenario with real brokers stands on: a world of its own, a cluster file, and the proof that nothing is left. Knows no scenario.
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { destroyCluster, startCluster } from '../../src/cluster.ts'
import type { Cluster } from '../../src/lifecycle/handle.ts'
import type { StartOptions } from '../../src/lifecycle/options.ts'
import { kafkaOf } from '../helpers/kafka-client.ts'
import { openWorld, type RuntimeName, type World } from '../helpers/world.ts'

export interface Scene {
  /** The world of the running test. */
  readonly world: World
  /** Writes a cluster file, by default the world's own. @returns its path */
  file(text: string, path?: string): string
  /** A persistent cluster from a file; by default from the world's own. */
  started(source?: string, options?: StartOptions): Promise<Cluster>
  /** Removes a cluster and proves that nothing of it is left and nothing listens where it did. */
  gone(cluster: Cluster): Promise<void>
}

/** Opens a world before each test of a `describe`, and removes whatever a test that failed half way left in it. */
export function stage(runtime: RuntimeName): Scene {
  let world: World | undefined
  const files = new Set<string>()
  const open = () => {
    if (!world) throw new Error('a scene exists only inside a test')
    return world
  }
  beforeEach(() => {
    world = openWorld(runtime)
  })
  afterEach(async () => {
    for (const path of files) await destroyCluster({ file: path })
    files.clear()
    world?.close()
    world = undefined
  })
  const started: Scene['started'] = (source, options) =>
    startCluster(source ?? join(open().dir, 'devcluster.yaml'), { ...open().options, persistent: true, warm: false, ...options })
  return {
    get world() {
      return open()
    },
    file: (text, path = join(open().dir, 'devcluster.yaml')) => {
      writeFileSync(path, text)
      files.add(path)
      return path
    },
    started,
    gone: async (cluster) => {
      await cluster.destroy()
      expect(open().leftOf(cluster.id)).toEqual([])
      for (const address of bootstrapOf(cluster).split(',')) expect(await listens(address)).toBe(false)
    },
  }
}

/** `host:port,...` of the service called kafka. */
export function bootstrapOf(cluster: Cluster): string {
  return cluster.endpoints['kafka']?.['bootstrapServers'] ?? ''
}

/** By KafkaJS's word: every partition of the topic has a leader, and as many in-sync replicas as replicas. */
export async function fullIsr(bootstrap: string, topic = 'orders'): Promise<boolean> {
  const admin = kafkaOf(bootstrap).admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics.every((each) =>
      each.partitions.every((partition) => partition.isr.length === partition.replicas.length && partition.leader >= 0),
    )
  } finally {
    await admin.disconnect()
  }
}

/** Something accepts connections at `host:port`. */
export function listens(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host: host ?? '', port: Number(port) })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Node id -> what it runs as (`pid 4711`). */
export async function handlesOf(cluster: Cluster): Promise<Record<string, string | undefined>> {
  const { nodes } = await cluster.status()
  return Object.fromEntries(nodes.map((node) => [node.id, node.handle]))
}
