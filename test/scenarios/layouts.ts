// Version lines and layouts: each comes up, takes and gives records, and goes; and starting again and again leaves no handle behind.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startCluster } from '../../src/cluster.ts'
import { kafkaOf, produceOn, readValues } from '../helpers/kafka-client.ts'
import { eventually, processesOf, type RuntimeName } from '../helpers/world.ts'
import { bootstrapOf, stage } from './scene.ts'

const SEEDED = '{ partitions: 2, seed: { generate: { count: 100, seed: 1, value: "v{{i}}" } } }'

/** The short list; every line is in the soak run. Stand-in images exist of two. */
function linesOf(runtime: RuntimeName): readonly (readonly [version: string, members: number])[] {
  return runtime === 'docker'
    ? [
        ['3.9', 3],
        ['4.3', 0],
      ]
    : [
        ['3.9', 3],
        ['4.0', 0],
        ['4.4', 0],
      ]
}

export function layoutScenarios(runtime: RuntimeName): void {
  describe(`layouts (${runtime})`, () => {
    const scene = stage(runtime)

    test.each(linesOf(runtime))('version line %s (ZooKeepers: %i) comes up, is seeded and read', async (version, members) => {
      const cluster = await scene.started(
        scene.file(`name: lines
services:
  kafka:
    version: "${version}"
    mode: ${members > 0 ? 'zookeeper' : 'kraft'}
    topics: { orders: ${SEEDED} }
${members > 0 ? `  zookeeper: { members: ${members} }\n` : ''}`),
      )
      expect(cluster.nodes).toHaveLength(1 + members)
      expect((await cluster.status()).ready).toBe(true)
      expect((await readValues(kafkaOf(bootstrapOf(cluster)), 'orders')).sort()).toEqual(seeded())
      await scene.gone(cluster)
    })

    test('three controllers elect another when the leader dies, and brokers go on', async () => {
      const cluster = await scene.started(
        scene.file(`name: controllers
services:
  kafka: { brokers: 1, controllers: 3, topics: { orders: ${SEEDED} } }
`),
      )
      expect(cluster.nodes.filter((node) => node.startsWith('kafka-controller-'))).toHaveLength(3)
      const { context, definition } = cluster.service('kafka')
      const leader = async () =>
        /quorum leader (\d+)/.exec(JSON.stringify(await definition.usable?.(context)(AbortSignal.timeout(5_000))))?.[1]
      const first = Number(await leader())
      // The first dedicated controller has node.id 101.
      const node = cluster.node(`kafka-controller-${first - 100}`)
      await node.kill()
      // A topic is made by the new leader.
      const admin = kafkaOf(bootstrapOf(cluster)).admin()
      await admin.connect()
      const made = async () => {
        // A request that met the election may have been fulfilled all the same: the list decides, not its answer.
        await admin.createTopics({ topics: [{ topic: 'after', numPartitions: 1 }] }).catch(() => false)
        return (await admin.listTopics().catch((): string[] => [])).includes('after')
      }
      await eventually(made, 30_000, 'a topic')
      await admin.disconnect()
      await node.start()
      await cluster.wait()
      expect((await cluster.status()).ready).toBe(true)
      await scene.gone(cluster)
    })

    test('three combined brokers lose one, which leads the quorum or not, and nothing that was acknowledged', async () => {
      const cluster = await scene.started(
        scene.file(`name: combined
services:
  kafka:
    brokers: 3
    controllers: combined
    topics: { orders: { partitions: 3, replicas: 3, config: { min.insync.replicas: 2 } } }
`),
      )
      expect(cluster.nodes).toHaveLength(3)
      const production = await produceOn(kafkaOf(bootstrapOf(cluster)), 'orders', 'a')
      await eventually(() => production.acknowledged.length >= 50, 30_000, 'the first acknowledgements')
      await cluster.node('kafka-1').kill()
      const before = production.acknowledged.length
      await eventually(() => production.acknowledged.length >= before + 50, 60_000, 'writes without it')
      await cluster.node('kafka-1').start()
      await production.stop()
      const read = new Set(await readValues(kafkaOf(bootstrapOf(cluster)), 'orders'))
      expect(production.acknowledged.filter((value) => !read.has(value))).toEqual([])
      await scene.gone(cluster)
    })

    test('three cold starts in a row are all ready, and leave no process, handle or listener of ours', async () => {
      const cycle = async () => {
        const cluster = await startCluster(
          { name: 'cold', services: { kafka: { brokers: 1, topics: { orders: '1:1' } } } },
          { ...scene.world.options, warm: false },
        )
        expect((await cluster.status()).ready).toBe(true)
        await cluster.destroy()
        expect(scene.world.leftOf(cluster.id)).toEqual([])
        expect(processesOf(cluster.id)).toEqual([])
      }
      // The first loads what is loaded once.
      await cycle()
      const before = handles()
      for (let round = 0; round < 3; round++) await cycle()
      await eventually(() => handles() <= before, 5_000, `no more than ${before} handles, there are ${handles()}`)
    })
  })
}

/** Open files, sockets and pipes of this process, and what keeps it alive. */
function handles(): number {
  return readdirSync('/proc/self/fd').length + process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length
}

function seeded(): string[] {
  return Array.from({ length: 100 }, (_, i) => `v${i + 1}`).sort()
}
