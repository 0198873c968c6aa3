// The quickstart as a newcomer runs it, judged by other vendors' clients: every seeded record on each broker, settings and status, and no trace after.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { connectCluster } from '../../src/cluster.ts'
import { Bench, mirror } from '../docker/docker-cli.ts'
import type { RuntimeName } from '../helpers/world.ts'
import { bootstrapOf, handlesOf, listens, stage } from './scene.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const TOPICS = { airports: 3376, routes: 5366, movies: 3201 }
const run = promisify(execFile)

/** kcat, or why it cannot judge. */
async function kcatIsHere(): Promise<boolean> {
  return run('kcat', ['-V']).then(
    () => true,
    () => false,
  )
}

export function quickstartScenarios(runtime: RuntimeName): void {
  describe(`the quickstart (${runtime})`, () => {
    const scene = stage(runtime)

    test('three brokers serve every seeded record to everyone, and down leaves nothing', async (context) => {
      const { world } = scene
      // The example itself, in a folder of its own: its records are found at the same relative path.
      const dir = join(world.dir, 'quickstart')
      mkdirSync(dir)
      symlinkSync(join(ROOT, 'node_modules'), join(world.dir, '..', 'node_modules'))
      const path = join(dir, 'devcluster.yaml')
      scene.file(readFileSync(join(ROOT, 'examples', 'quickstart', 'devcluster.yaml'), 'utf8'), path)
      const cli = (...args: readonly string[]) => world.cli(args, { cwd: dir })

      const first = await cli('up', ...world.flags)
      expect(first.code, first.stderr).toBe(0)
      const cluster = await connectCluster({ file: path })
      const bootstrap = bootstrapOf(cluster)
      const brokers = bootstrap.split(',')
      expect(brokers).toHaveLength(3)
      expect(first.stdout).toContain(bootstrap)
      expect(cluster.nodes).toHaveLength(4)

      // Again: proven and untouched.
      const handles = await handlesOf(cluster)
      const again = await cli('up', '--json', ...world.flags)
      expect(again.code, again.stderr).toBe(0)
      expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'result', data: { changed: false } })
      expect(await handlesOf(cluster)).toEqual(handles)
      expect(JSON.parse((await cli('env', '--format', 'json')).stdout)).toEqual({ KAFKA_BOOTSTRAP_SERVERS: bootstrap })
      const status = JSON.parse((await cli('status', '--json')).stdout)
      expect(status).toMatchObject({ ready: true, runtime })
      expect(status.nodes.map(({ state }: { state: string }) => state)).toEqual(['ready', 'ready', 'ready', 'ready'])

      // The Java consumer, from within each broker, at that broker.
      const inside = runtime === 'docker' ? (cluster.env('container')['KAFKA_BOOTSTRAP_SERVERS'] ?? '').split(',') : brokers
      const topics = Object.entries(TOPICS)
      await Promise.all(
        ['kafka-1', 'kafka-2', 'kafka-3'].map(async (node, index) => {
          const [topic, count] = topics[index] ?? ['', 0]
          const consumer = ['kafka-console-consumer', '--bootstrap-server', inside[index] ?? '', '--topic', topic, '--from-beginning']
          const read = await cli('exec', node, '--', ...consumer, '--max-messages', `${count}`, '--timeout-ms', '30000')
          expect(read.code, read.stderr).toBe(0)
          expect(read.stdout.trimEnd().split('\n')).toHaveLength(count)
        }),
      )

      // librdkafka, from the host and from a container on the cluster's network, with each broker as its only address.
      const keys = csvColumn(readFileSync(join(ROOT, 'node_modules/vega-datasets/data/airports.csv'), 'utf8'))
      const judge = (tool: (args: readonly string[]) => Promise<string>) => async (broker: string) => {
        for (const [topic, count] of topics) {
          const read = await tool(['-b', broker, '-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-f', '=%k\n'])
          const lines = read.trimEnd().split('\n')
          expect(lines, `${topic} through ${broker}`).toHaveLength(count)
          if (topic === 'airports') expect(lines.sort()).toEqual(keys.map((key) => `=${key}`))
        }
      }
      const hasKcat = await kcatIsHere()
      if (hasKcat) {
        const host = judge(async (args) => (await run('kcat', args, { maxBuffer: 1 << 26 })).stdout)
        for (const broker of brokers) await host(broker)
      }
      if (runtime === 'docker') {
        const network = `devcluster-${cluster.id}`
        // Started and then asked for its output: attaching to a container that ends at once is a race that an engine may lose.
        const outside = new Bench()
        // Podman's own default limits may be higher than it is allowed to set.
        const limits = ['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096']
        const inNetwork = (program: string) => ['--network', network, ...limits, '--entrypoint', program]
        const helper = judge(async (args) => {
          const { code, text } = await outside.runToEnd(`${mirror}/devcluster-test/toy:1`, inNetwork('kcat'), args)
          expect(code, text.slice(-300)).toBe(0)
          return text
        })
        for (const broker of inside) await helper(broker)
        // And the image's own consumer, in a container that is no part of the cluster.
        const wanted = ['--bootstrap-server', inside.join(','), '--topic', 'movies', '--from-beginning', '--max-messages', '3201']
        const own = await outside.runToEnd(`${mirror}/apache/kafka:4.3.1`, inNetwork('/opt/kafka/bin/kafka-console-consumer.sh'), [
          ...wanted,
          '--timeout-ms',
          '30000',
        ])
        expect(own.text).toContain('Processed a total of 3201 messages')
        await outside.clear()
      }

      const down = await cli('down')
      expect(down.code, down.stderr).toBe(0)
      expect(world.leftOf(cluster.id)).toEqual([])
      for (const broker of brokers) expect(await listens(broker)).toBe(false)
      // Content when nothing runs.
      expect((await cli('down')).code).toBe(0)
      if (!hasKcat) context.skip('kcat is not installed: records were judged by the Java consumer alone')
    })
  })
}

/** First column of a CSV file without quotes in it, sorted. */
function csvColumn(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[0] ?? '')
    .sort()
}
