// What a cluster survives: a broker, the controller and a majority lost while a client produces; a clean stop; everything killed at once.
import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { connectCluster, planCluster } from '../../src/cluster.ts'
import type { ClusterEvent } from '../../src/model/event.ts'
import { changesSomething } from '../../src/plan/format.ts'
import { docker } from '../docker/docker-cli.ts'
import { kafkaOf, produceOn, readValues } from '../helpers/kafka-client.ts'
import { eventually, processesOf, type RuntimeName } from '../helpers/world.ts'
import { bootstrapOf, fullIsr, stage } from './scene.ts'

const THREE = `name: life
services:
  kafka:
    brokers: 3
    topics:
      orders: { partitions: 3, replicas: 3, config: { min.insync.replicas: 2 } }
      movies: { partitions: 2, replicas: 2, seed: { generate: { count: 500, seed: 7, key: "k{{i}}", value: { n: "{{i}}" } } } }
`

export function lossScenarios(runtime: RuntimeName): void {
  describe(`losses (${runtime})`, () => {
    const scene = stage(runtime)

    test('a cluster that loses a broker, its controller and its majority loses nothing that was acknowledged', async () => {
      const cluster = await scene.started(scene.file(THREE))
      const bootstrap = bootstrapOf(cluster)
      const kafka = kafkaOf(bootstrap)
      const { plan } = await planCluster(scene.file(THREE), { ...scene.world.options, persistent: true })
      expect(changesSomething(plan)).toBe(false)

      const production = await produceOn(kafka, 'orders', 'a')
      await eventually(() => production.acknowledged.length >= 50, 30_000, 'the first acknowledgements')

      // One of three: acknowledged writes go on, the node comes back on its port with a full ISR.
      await cluster.node('kafka-2').kill()
      const before = production.acknowledged.length
      await eventually(() => production.acknowledged.length >= before + 50, 30_000, 'writes while one broker is dead')
      await cluster.node('kafka-2').start()
      await eventually(() => fullIsr(bootstrap), 20_000, 'a full ISR')

      // The controller.
      await cluster.node('kafka-controller-1').kill()
      await cluster.node('kafka-controller-1').start()
      await cluster.wait()
      const after = production.acknowledged.length
      await eventually(() => production.acknowledged.length >= after + 50, 30_000, 'writes after the controller came back')
      await production.stop()

      // Two of three with min.insync.replicas 2: writes fail, none vanish.
      await Promise.all([cluster.node('kafka-2').kill(), cluster.node('kafka-3').kill()])
      const hopeless = await produceOn(kafkaOf(bootstrap), 'orders', 'b', 10)
      await eventually(() => hopeless.refused.length > 0, 90_000, 'a refused write')
      await hopeless.stop()
      expect(hopeless.acknowledged).toEqual([])
      expect((await cluster.status()).nodes.filter((node) => node.state === 'stopped').map((node) => node.id)).toEqual([
        'kafka-2',
        'kafka-3',
      ])

      // The next up repairs it, on the same ports, and says why it starts what it starts.
      const reasons: string[] = []
      const onEvent = (event: ClusterEvent) => {
        if (event.type === 'step' && event.state === 'started' && event.step?.startsWith('start ')) reasons.push(event.because ?? '')
      }
      const repaired = await scene.started(undefined, { onEvent })
      expect(reasons).toHaveLength(2)
      expect(bootstrapOf(repaired)).toBe(bootstrap)
      await eventually(() => fullIsr(bootstrap), 30_000, 'a full ISR after the repair')
      const read = new Set(await readValues(kafkaOf(bootstrap), 'orders'))
      expect(production.acknowledged.filter((value) => !read.has(value))).toEqual([])
      await scene.gone(repaired)
    })

    test('a clean stop leaves nothing to recover, and a reboot loses nothing', async () => {
      const events: string[] = []
      const onEvent = (event: ClusterEvent) => {
        if (event.type === 'node' && (event.state === 'stopping' || event.state === 'stopped')) events.push(`${event.node} ${event.state}`)
      }
      const first = await scene.started(scene.file(THREE), { onEvent })
      const bootstrap = bootstrapOf(first)
      await first.stop()
      // No controller is asked to stop before the last broker has stopped.
      const controller = events.indexOf('kafka-controller-1 stopping')
      for (const broker of ['kafka-1', 'kafka-2', 'kafka-3']) {
        expect(events.indexOf(`${broker} stopped`)).toBeGreaterThanOrEqual(0)
        expect(events.indexOf(`${broker} stopped`)).toBeLessThan(controller)
      }
      const { nodes } = await first.status()
      // None had to be killed. An engine tells the JVM's own end after SIGTERM (143) as that signal.
      expect(nodes.map((node) => [node.id, node.state])).toEqual(nodes.map((node) => [node.id, 'stopped']))
      for (const { exit } of nodes) expect([null, 'SIGTERM']).toContain(exit?.signal ?? null)

      const sinceMs = Date.now()
      const again = await scene.started()
      expect(bootstrapOf(again)).toBe(bootstrap)
      const lines: string[] = []
      for await (const { text } of again.logs([], { sinceMs })) lines.push(text)
      // The broker says how each of its logs was loaded: that proves that the lines are there to be searched.
      expect(lines.some((line) => /Loaded \d+ logs/.test(line))).toBe(true)
      // Raft opens its own log as if it had not been closed, always (KafkaMetadataLog); the topics' logs must not.
      const recovered = lines.filter(
        (line) =>
          /Recovering unflushed|Unclean shutdown|not shutdown cleanly|Attempting recovery/i.test(line) &&
          !line.includes('__cluster_metadata'),
      )
      expect(recovered).toEqual([])
      expect(new Set(await readValues(kafkaOf(bootstrap), 'movies')).size).toBe(500)
      const production = await produceOn(kafkaOf(bootstrap), 'orders', 'c', 200)
      await eventually(() => production.acknowledged.length === 200, 30_000, '200 acknowledgements')
      await production.stop()

      // Everything at once, the supervisor included, without a word to anyone.
      if (runtime === 'docker') {
        const ids = scene.world.leftOf(again.id).flatMap((what) => (what.startsWith('container ') ? [what.slice(10)] : []))
        expect((await docker('kill', ...ids)).code).toBe(0)
      } else {
        const pids = processesOf(again.id).map((what) => Number(what.slice('process '.length)))
        // Four nodes and their supervisor.
        expect(pids.length).toBeGreaterThanOrEqual(5)
        for (const pid of pids) process.kill(pid, 'SIGKILL')
        await eventually(() => processesOf(again.id).length === 0, 10_000, 'their end')
        // A reboot empties the folder for temporary files, where the supervisor's socket was.
        for (const socket of scene.world.socketsOf(again.id)) rmSync(socket)
      }
      const dead = await connectCluster({ file: scene.file(THREE) })
      expect((await dead.status()).ready).toBe(false)
      const rebooted = await scene.started()
      expect(bootstrapOf(rebooted)).toBe(bootstrap)
      expect(new Set(await readValues(kafkaOf(bootstrap), 'movies')).size).toBe(500)
      const read = new Set(await readValues(kafkaOf(bootstrap), 'orders'))
      expect(production.acknowledged.filter((value) => !read.has(value))).toEqual([])
      await scene.gone(rebooted)
    })
  })
}
