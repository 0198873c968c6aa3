// What changes in a cluster file do to a cluster that is in use: only what they must, with their reason, and never to its data.
import { describe, expect, test } from 'vitest'
import { planCluster } from '../../src/cluster.ts'
import type { Cluster } from '../../src/lifecycle/handle.ts'
import type { ClusterEvent } from '../../src/model/event.ts'
import { docker } from '../docker/docker-cli.ts'
import { kafkaOf, produceOn, readValues } from '../helpers/kafka-client.ts'
import { eventually, type RuntimeName } from '../helpers/world.ts'
import { bootstrapOf, fullIsr, handlesOf, stage } from './scene.ts'

const THREE = `name: change
services:
  kafka:
    brokers: 3
    topics:
      orders: { partitions: 3, replicas: 3, config: { min.insync.replicas: 2 } }
`
const BROKERS = ['kafka-1', 'kafka-2', 'kafka-3']

export function changeScenarios(runtime: RuntimeName): void {
  describe(`changes (${runtime})`, () => {
    const scene = stage(runtime)

    test('a change restarts one node after the other, more brokers touch none, fewer are refused, what is gone is repaired', async () => {
      const cluster = await scene.started(scene.file(THREE))
      const bootstrap = bootstrapOf(cluster)

      // A rolling restart under load: one node is down at a time, and whatever was acknowledged stays.
      const production = await produceOn(kafkaOf(bootstrap), 'orders', 'a')
      await eventually(() => production.acknowledged.length >= 50, 30_000, 'the first acknowledgements')
      const changed = THREE.replace('brokers: 3', 'brokers: 3\n    config: { log.retention.hours: 12 }')
      const { plan } = await planCluster(scene.file(changed), { ...scene.world.options, persistent: true })
      const stops = plan.steps.filter((step) => step.op.do === 'stop')
      expect(stops.map((step) => step.id).slice(0, 3)).toEqual(BROKERS.map((node) => `stop ${node}`))
      for (const step of stops) expect(step.because).toContain('log.retention.hours')
      const down = new Set<string>()
      let mostDown = 0
      const onEvent = (event: ClusterEvent) => {
        if (event.type !== 'node' || !event.node || !BROKERS.includes(event.node)) return
        if (event.state === 'stopping') down.add(event.node)
        if (event.state === 'ready') down.delete(event.node)
        mostDown = Math.max(mostDown, down.size)
      }
      const rolled = await scene.started(undefined, { onEvent })
      expect(mostDown).toBe(1)
      expect(bootstrapOf(rolled)).toBe(bootstrap)
      const after = production.acknowledged.length
      await eventually(() => production.acknowledged.length >= after + 50, 30_000, 'writes after the rolling restart')
      await production.stop()
      await eventually(() => fullIsr(bootstrap), 30_000, 'a full ISR')
      expect(await missing(production.acknowledged, bootstrap)).toEqual([])

      // Two more brokers: what runs is left alone.
      const before = await handlesOf(rolled)
      const grown = await scene.started(scene.file(changed.replace('brokers: 3', 'brokers: 5')))
      expect(grown.nodes).toEqual(expect.arrayContaining(['kafka-4', 'kafka-5']))
      expect(await handlesOf(grown)).toMatchObject(before)
      expect((await grown.status()).ready).toBe(true)
      const { brokers } = await describeCluster(bootstrapOf(grown))
      expect(brokers).toEqual([1, 2, 3, 4, 5])

      // Two fewer would lose what they hold: nothing is touched.
      const five = await handlesOf(grown)
      await expect(scene.started(scene.file(changed))).rejects.toMatchObject({ code: 'RECREATE_NEEDED' })
      expect(await handlesOf(grown)).toEqual(five)

      // One killed and one removed behind our back.
      await removeByHand(grown, 'kafka-3')
      scene.file(changed.replace('brokers: 3', 'brokers: 5'))
      const started: string[] = []
      const repaired = await scene.started(undefined, {
        onEvent: (event) => {
          if (event.type === 'step' && event.state === 'started' && event.step?.startsWith('start ')) started.push(event.step)
        },
      })
      expect(started).toEqual(['start kafka-3'])
      await eventually(() => fullIsr(bootstrap), 30_000, 'a full ISR after the repair')
      expect(await missing(production.acknowledged, bootstrap)).toEqual([])
      await scene.gone(repaired)
    })
  })

  /** As a person would: `docker rm -f`, or `kill -9`. */
  async function removeByHand(cluster: Cluster, node: string): Promise<void> {
    const handle = (await handlesOf(cluster))[node] ?? ''
    if (runtime === 'docker') expect((await docker('rm', '-f', handle.replace('container ', ''))).code).toBe(0)
    else process.kill(Number(handle.replace('pid ', '')), 'SIGKILL')
    await eventually(async () => !(await cluster.status()).ready, 10_000, `the end of ${node}`)
  }
}

async function missing(values: readonly string[], bootstrap: string): Promise<string[]> {
  const read = new Set(await readValues(kafkaOf(bootstrap), 'orders'))
  return values.filter((value) => !read.has(value))
}

async function describeCluster(bootstrap: string): Promise<{ brokers: number[] }> {
  const admin = kafkaOf(bootstrap).admin()
  await admin.connect()
  try {
    const { brokers } = await admin.describeCluster()
    return { brokers: brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b) }
  } finally {
    await admin.disconnect()
  }
}
