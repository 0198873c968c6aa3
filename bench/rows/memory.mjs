// Row 9: memory of one broker in a container after 200 MB produced, against the image with its own entrypoint and defaults; throughput of both tunings.
import { lacksContainers } from '../lib/context.mjs'
import { docker, javaOf, LABEL, mirrorsOf } from '../lib/docker.mjs'
import { load } from '../lib/load.mjs'
import { freePorts } from '../lib/ports.mjs'
import { memoryOf } from '../lib/process.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const MEGABYTES = 200
const mb = (value) => `${value.toFixed(0)} MB`
const mbPerSecond = (value) => `${value.toFixed(0)} MB/s`

async function sample(context, port, container) {
  const pid = await javaOf(context.env, container)
  const idle = memoryOf(pid)
  const throughput = await load(port, MEGABYTES)
  return { idleMb: idle.rssMb, ...memoryOf(pid), throughput }
}

/** One broker of ours with this tuning. */
function ours(context, image, port, tuning) {
  const { devcluster, judge: judgement } = context
  const file = devcluster.file(`bench-memory-${tuning}`, {
    runtime: 'docker',
    mirrors: mirrorsOf(image),
    services: { kafka: { version: '4.3.1', tuning, port } },
  })
  return async () => {
    const usable = judgement.watch({ kind: 'kafka', ports: [port] })
    await devcluster.cli(['up', '-f', file])
    await usable
    const status = JSON.parse((await devcluster.cli(['status', '--json', '-f', file])).out)
    const result = await sample(context, port, status.nodes[0].handle.replace(/^container /, ''))
    await devcluster.cli(['down', '-f', file])
    return result
  }
}

/** The image as it starts by itself; our client needs no address it advertises. */
function theirs(context, image, port) {
  const { env, judge: judgement, id } = context
  return async () => {
    const usable = judgement.watch({ kind: 'kafka', ports: [port] })
    const container = await docker(env, 'run', '-d', '--label', `${LABEL}=${id}`, '-p', `127.0.0.1:${port}:9092`, image.ref)
    await usable
    const result = await sample(context, port, container)
    await docker(env, 'rm', '-fv', container)
    return result
  }
}

export const rows = [
  {
    id: '9',
    title: "Memory of one broker after 200 MB produced, against the image's own entrypoint",
    long: true,
    missing: (context) => lacksContainers(context, { image: 'kafka' }),
    async run(context) {
      const image = context.images.kafka
      const port = await freePorts(1)
      const { results, ...noise } = await interleave(context, context.quick ? 3 : 5, {
        dev: ours(context, image, port, 'dev'),
        stock: ours(context, image, port, 'stock'),
        image: theirs(context, image, port),
      })
      const of = (side, key) => pick(results[side], key)
      const names = { dev: 'devcluster, tuning: dev', stock: 'devcluster, tuning: stock', image: 'the image by itself' }
      const table = (key, what, format) =>
        sidesTable(Object.fromEntries(Object.entries(names).map(([side, name]) => [`${name}: ${what}`, of(side, key)])), format)
      return {
        images: [image.origin],
        tables: [
          table('rssMb', `RSS after ${MEGABYTES} MB`, mb),
          table('pssMb', `PSS after ${MEGABYTES} MB`, mb),
          table('idleMb', 'RSS when usable', mb),
          table('throughput', 'producer throughput', mbPerSecond),
        ],
        judged: [
          judge("RSS of a dev broker, against the image's own entrypoint", ratios(of('dev', 'rssMb'), of('image', 'rssMb')), { bar: 0.6 }),
          beside('RSS of a stock broker, against the same', ratios(of('stock', 'rssMb'), of('image', 'rssMb'))),
          beside('producer throughput of dev, against stock (more is better)', ratios(of('dev', 'throughput'), of('stock', 'throughput'))),
          beside(
            'producer throughput of dev, against the image by itself (more is better)',
            ratios(of('dev', 'throughput'), of('image', 'throughput')),
          ),
        ],
        notes: [
          "Memory of the container's one java process as the kernel counts it; all sides start from the same image. The image runs with its entrypoint and without a single setting. Produced: six partitions, batches of 100 records of 1 kB, acks all, five requests under way, no compression.",
          noiseNote(noise),
        ],
      }
    },
  },
]
