// Callers that die, and callers that meet: SIGKILL at any moment of `up`, an owner that is gone, two at once, one name in two folders.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { destroyCluster } from '../../src/cluster.ts'
import { DIST, eventually, type RuntimeName } from '../helpers/world.ts'
import { listens, stage } from './scene.ts'

const ONE = `name: life
services:
  kafka:
    brokers: 1
    topics: { orders: { partitions: 2, seed: { generate: { count: 200, seed: 1, value: "v{{i}}" } } } }
`

interface Result {
  readonly cluster: string
  readonly changed: boolean
  readonly bootstrap: string
}

export function interruptionScenarios(runtime: RuntimeName): void {
  describe(`interruptions (${runtime})`, () => {
    const scene = stage(runtime)
    const up = (cwd?: string) => scene.world.cli(['up', '--json', ...scene.world.flags], cwd === undefined ? {} : { cwd })

    test('killed at any moment, an up leaves what the next up repairs or down removes', async () => {
      const path = scene.file(ONE)
      const began = performance.now()
      expect(resultOf(await up()).changed).toBe(true)
      const wholeMs = performance.now() - began
      const { id } = await destroyCluster({ file: path })
      expect(scene.world.leftOf(id)).toEqual([])
      for (const round of [0, 1, 2]) {
        // Random, one in each third of the whole.
        const killAfterMs = (wholeMs * (round + Math.random())) / 3
        const when = `killed after ${killAfterMs.toFixed(0)} of ${wholeMs.toFixed(0)} ms`
        await scene.world.cli(['up', ...scene.world.flags], { killAfterMs })
        if (round !== 1) {
          const next = await up()
          expect(next.code, `${when}: ${next.stderr}`).toBe(0)
          const read = await scene.world.cli(['consume', 'orders'])
          const values = read.stdout.split('\n').filter((line) => /^v\d+$/.test(line))
          // A seed that was cut off is sent again from its beginning, into a new topic.
          expect(values.length, `${when}: records`).toBe(200)
        }
        const down = await scene.world.cli(['down'])
        expect(down.code, `${when}: ${down.stderr}`).toBe(0)
        expect(scene.world.leftOf(id), when).toEqual([])
      }
    })

    test('an ephemeral cluster ends with its owner, and its folder with it', async () => {
      const script = join(scene.world.dir, 'owner.mjs')
      const object = JSON.stringify({ name: 'mine', services: { kafka: { brokers: 1 } } })
      writeFileSync(
        script,
        `import { startCluster } from ${JSON.stringify(new URL('index.js', DIST).href)}
const cluster = await startCluster(${object}, ${JSON.stringify(scene.world.options)})
console.log(JSON.stringify({ id: cluster.id, bootstrap: cluster.endpoints.kafka.bootstrapServers }))
process.kill(process.pid, 'SIGKILL')
`,
      )
      const { id, bootstrap } = JSON.parse(outputOf(script, scene.world.home))
      await eventually(() => scene.world.leftOf(id).length === 0, 15_000, `the end of ${id}: ${scene.world.leftOf(id).join(', ')}`)
      expect(await listens(bootstrap)).toBe(false)
    })

    test('two folders may use one name, and two ups of one cluster make one', async () => {
      const { world } = scene
      const folders = ['a', 'b'].map((name) => join(world.dir, name))
      for (const folder of folders) {
        mkdirSync(folder)
        scene.file(ONE, join(folder, 'devcluster.yaml'))
      }
      const [here = '', there = ''] = folders
      // Three at once: two of them for the same cluster.
      const ended = await Promise.all([up(here), up(here), up(there)])
      const [first, second, other] = ended.map(resultOf)
      if (!first || !second || !other) throw new Error('three results')
      expect(first.cluster).toBe(second.cluster)
      expect(first.bootstrap).toBe(second.bootstrap)
      // One did the work, the other waited and found nothing to do.
      expect(first.changed).not.toBe(second.changed)
      expect(
        ended.map(({ stderr, stdout }) => stderr + stdout).filter((text) => text.includes('waiting for another devcluster')),
      ).toHaveLength(1)
      expect(other.cluster).not.toBe(first.cluster)
      expect(other.bootstrap).not.toBe(first.bootstrap)
      expect(await listens(first.bootstrap)).toBe(true)

      // The end of one is nothing to the other.
      expect((await world.cli(['down'], { cwd: here })).code).toBe(0)
      expect(world.leftOf(first.cluster)).toEqual([])
      expect((await world.cli(['status'], { cwd: there })).code).toBe(0)
      expect((await world.cli(['down'], { cwd: there })).code).toBe(0)
      expect(world.leftOf(other.cluster)).toEqual([])
    })
  })
}

/** The last event of `up --json`. */
function resultOf({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }): Result {
  expect(code, stderr).toBe(0)
  const { type, cluster, data } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  expect(type).toBe('result')
  return { cluster, changed: data.changed, bootstrap: data.env.KAFKA_BOOTSTRAP_SERVERS }
}

/** What a script that kills itself has printed. */
function outputOf(script: string, home: string): string {
  try {
    execFileSync(process.execPath, [script], {
      encoding: 'utf8',
      env: { ...process.env, DEVCLUSTER_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'signal' in error && error.signal === 'SIGKILL' && 'stdout' in error)
      return String(error.stdout)
    throw error
  }
  throw new Error('it should have been killed')
}
