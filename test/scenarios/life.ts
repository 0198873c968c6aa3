// The life of a Kafka cluster on real brokers, the same for every runtime: up, read, break, repair, stop, interrupt, down. Each scenario ends
// with the proof that nothing is left.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { destroyCluster, planCluster, startCluster } from '../../src/cluster.ts'
import type { Cluster } from '../../src/lifecycle/handle.ts'
import { changesSomething } from '../../src/plan/format.ts'
import { kafkaOf, produceOn, readValues } from '../helpers/kafka-client.ts'
import { eventually, openWorld, type RuntimeName, type World } from '../helpers/world.ts'

const THREE = `name: life
services:
  kafka:
    brokers: 3
    topics:
      orders: { partitions: 3, replicas: 3, config: { min.insync.replicas: 2 } }
      movies: { partitions: 2, replicas: 2, seed: { generate: { count: 500, seed: 7, key: "k{{i}}", value: { n: "{{i}}" } } } }
`
const ONE = `name: life
services:
  kafka:
    brokers: 1
    topics: { orders: "2:1" }
`

export function lifeScenarios(runtime: RuntimeName): void {
  describe(`the life of a cluster (${runtime})`, () => {
    let world: World
    beforeEach(() => {
      world = openWorld(runtime)
    })
    afterEach(async () => {
      // A scenario that failed half way must not leave its brokers to the next one.
      await destroyCluster({ file: join(world.dir, 'devcluster.yaml') }, { runtime })
      world.close()
    })

    const file = (text: string, name = 'devcluster.yaml') => {
      writeFileSync(join(world.dir, name), text)
      return join(world.dir, name)
    }
    const started = (source: string) => startCluster(source, { ...world.options, persistent: true, warm: false })
    const gone = async (cluster: Cluster) => {
      await cluster.destroy()
      expect(world.leftOf(cluster.id)).toEqual([])
    }

    test('three brokers lose a broker, a controller and their majority, and nothing that was acknowledged', async () => {
      const cluster = await started(file(THREE))
      const bootstrap = cluster.endpoints['kafka']?.['bootstrapServers'] ?? ''
      const kafka = kafkaOf(bootstrap)

      // Usable and seeded, and another up finds nothing to do.
      expect(new Set(await readValues(kafka, 'movies')).size).toBe(500)
      const { plan } = await planCluster(join(world.dir, 'devcluster.yaml'), { ...world.options, persistent: true })
      expect(changesSomething(plan)).toBe(false)
      expect((await cluster.status()).ready).toBe(true)
      const listed = await cluster
        .node('kafka-1')
        .exec([
          'kafka-topics',
          '--list',
          '--bootstrap-server',
          runtime === 'docker' ? (cluster.env('container')['KAFKA_BOOTSTRAP_SERVERS'] ?? '') : bootstrap,
        ])
      expect(listed.stdout.split('\n')).toContain('orders')

      const production = await produceOn(kafka, 'orders', 'a')
      await eventually(() => production.acknowledged.length >= 50, 30_000, 'the first acknowledgements')

      // One of three: acknowledged writes go on, the node comes back on its port with a full ISR.
      await cluster.node('kafka-2').kill()
      const before = production.acknowledged.length
      await eventually(() => production.acknowledged.length >= before + 50, 30_000, 'writes while one broker is dead')
      await cluster.node('kafka-2').start()
      await eventually(async () => fullIsr(bootstrap), 20_000, 'a full ISR')
      expect(cluster.endpoints['kafka']?.['bootstrapServers']).toBe(bootstrap)

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

      // A repair by the next up, told with its cause.
      const repaired = await startCluster(join(world.dir, 'devcluster.yaml'), { ...world.options, persistent: true, warm: false })
      await eventually(async () => fullIsr(bootstrap), 30_000, 'a full ISR after the repair')
      const read = new Set(await readValues(kafkaOf(bootstrap), 'orders'))
      expect(production.acknowledged.filter((value) => !read.has(value))).toEqual([])
      await gone(repaired)
      for (const address of bootstrap.split(',')) expect(await listens(address)).toBe(false)
    })

    test('a clean stop leaves nothing to recover, and a reboot loses nothing', async () => {
      const cluster = await started(file(THREE))
      const bootstrap = cluster.endpoints['kafka']?.['bootstrapServers'] ?? ''
      await cluster.stop()
      const sinceMs = Date.now()
      const again = await started(join(world.dir, 'devcluster.yaml'))
      expect(again.endpoints['kafka']?.['bootstrapServers']).toBe(bootstrap)
      const recovered: string[] = []
      for await (const { text } of again.logs([], { sinceMs })) {
        // Raft opens its own log as if it had not been closed, always (KafkaMetadataLog); the topics' logs must not.
        if (/Recovering unflushed|Unclean shutdown|not shutdown cleanly/.test(text) && !text.includes('__cluster_metadata'))
          recovered.push(text)
      }
      expect(recovered).toEqual([])
      expect(new Set(await readValues(kafkaOf(bootstrap), 'movies')).size).toBe(500)

      // Everything at once, without a word to anyone.
      await Promise.all(again.nodes.map((node) => again.node(node).kill()))
      const rebooted = await started(join(world.dir, 'devcluster.yaml'))
      expect(new Set(await readValues(kafkaOf(bootstrap), 'movies')).size).toBe(500)
      await gone(rebooted)
    })

    test('a change touches only what it touches, keeps the data, and refuses what would lose it', async () => {
      const cluster = await started(file(THREE))
      const bootstrap = cluster.endpoints['kafka']?.['bootstrapServers'] ?? ''
      const changed = THREE.replace('brokers: 3', 'brokers: 3\n    config: { log.retention.hours: 12 }')
      const { plan } = await planCluster(file(changed), { ...world.options, persistent: true })
      expect(plan.steps.filter((step) => step.op.do === 'stop').map((step) => step.because)).toEqual(
        expect.arrayContaining([expect.stringContaining('log.retention.hours')]),
      )
      await started(join(world.dir, 'devcluster.yaml'))
      expect(new Set(await readValues(kafkaOf(bootstrap), 'movies')).size).toBe(500)

      const grown = await started(file(changed.replace('brokers: 3', 'brokers: 4')))
      expect(grown.nodes).toContain('kafka-4')
      expect((await grown.status()).ready).toBe(true)
      await expect(started(file(changed))).rejects.toMatchObject({ code: 'RECREATE_NEEDED' })
      expect((await grown.status()).ready).toBe(true)
      await gone(grown)
    })

    test('killed at any moment, an up leaves what the next up repairs or down removes', async () => {
      const path = file(ONE)
      const whole = performance.now()
      const first = await world.cli(['up', ...world.flags])
      expect(first.stderr + first.stdout).toContain('KAFKA_BOOTSTRAP_SERVERS')
      expect(first.code).toBe(0)
      const wholeMs = performance.now() - whole
      const { id } = await destroyCluster({ file: path }, { runtime: world.runtime })
      expect(world.leftOf(id)).toEqual([])
      for (const [round, share] of [0.15, 0.45, 0.8].entries()) {
        const killed = await world.cli(['up', ...world.flags], { killAfterMs: wholeMs * share })
        if (round % 2 === 0) {
          const next = await world.cli(['up', ...world.flags])
          expect([killed.code, next.code, next.stderr]).toEqual([killed.code, 0, next.stderr])
        }
        const down = await world.cli(['down'])
        expect(down.code).toBe(0)
        expect(world.leftOf(id)).toEqual([])
      }
    })

    test('an ephemeral cluster ends with its owner, and two of one name do not meet', async () => {
      const script = join(world.dir, 'owner.mjs')
      const library = new URL('../../dist/index.js', import.meta.url).href
      writeFileSync(
        script,
        `import { startCluster } from ${JSON.stringify(library)}
const options = ${JSON.stringify(world.options)}
const both = await Promise.all([startCluster(${JSON.stringify(file(ONE))}, options), startCluster(${JSON.stringify(join(world.dir, 'devcluster.yaml'))}, options)])
console.log(JSON.stringify(both.map((cluster) => ({ id: cluster.id, bootstrap: cluster.endpoints.kafka.bootstrapServers }))))
process.kill(process.pid, 'SIGKILL')
`,
      )
      let output = ''
      try {
        execFileSync(process.execPath, [script], {
          encoding: 'utf8',
          env: { ...process.env, DEVCLUSTER_HOME: world.home },
          stdio: ['ignore', 'pipe', 'inherit'],
        })
      } catch (error) {
        output = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''
      }
      const both: { id: string; bootstrap: string }[] = JSON.parse(output)
      expect(new Set(both.map(({ id }) => id)).size).toBe(2)
      expect(new Set(both.map(({ bootstrap }) => bootstrap)).size).toBe(2)
      for (const { id } of both)
        await eventually(() => world.leftOf(id).length === 0, 30_000, `the end of ${id}: ${world.leftOf(id).join(', ')}`)
    })
  })
}

/** kcat's or the product's own word: every partition has as many in-sync replicas as replicas. */
async function fullIsr(bootstrap: string): Promise<boolean> {
  const admin = kafkaOf(bootstrap).admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] })
    return topics.every((topic) =>
      topic.partitions.every((partition) => partition.isr.length === partition.replicas.length && partition.leader >= 0),
    )
  } finally {
    await admin.disconnect()
  }
}

function listens(address: string): Promise<boolean> {
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
