// Row 2: one broker in a container, from the start of a program to the first record that a group has consumed; against testcontainers.
import { join } from 'node:path'
import { startChild } from '../lib/child.mjs'
import { lacksContainers } from '../lib/context.mjs'
import { kafkaTimes, LABEL, mirrorsOf } from '../lib/docker.mjs'
import { freePorts } from '../lib/ports.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'
import { wrapperMs } from '../lib/wrapper.mjs'

async function sample(context, child, task, env) {
  const started = await startChild(child, task, env)
  const { spawnedAt } = started
  const { importedAt, upAt, consumedAt, clientMs, container } = started.moments
  let parts
  let downMs
  try {
    parts = await kafkaTimes(context.env, container.replace(/^container /, ''))
  } finally {
    downMs = (await started.end()).downMs
  }
  return {
    totalMs: consumedAt - spawnedAt - clientMs,
    importMs: importedAt - spawnedAt,
    upMs: upAt - importedAt,
    recordMs: consumedAt - upAt - clientMs,
    downMs,
    ...parts,
    lateMs: upAt - parts.readyAt,
  }
}

export const rows = [
  {
    id: '2',
    title: 'Containers: one broker to the first record consumed by a group, against testcontainers',
    missing: (context) => lacksContainers(context, { image: 'kafka' }),
    async run(context) {
      const image = context.images.kafka
      const cluster = { runtime: 'docker', mirrors: mirrorsOf(image), services: { kafka: { version: '4.3.1' } } }
      const peerEnv = { ...context.env, TESTCONTAINERS_RYUK_DISABLED: 'true' }
      const { results, ...noise } = await interleave(context, context.quick ? 3 : 6, {
        ours: () => sample(context, 'ours', { library: join(context.dist, 'index.js'), cluster, cwd: context.work }, context.env),
        testcontainers: async () =>
          sample(
            context,
            'testcontainers',
            { image: image.ref, port: await freePorts(1), labels: { [LABEL]: context.id }, reuse: false },
            peerEnv,
          ),
      })
      const wrapper = await wrapperMs(context, image.ref)
      const sides = (key) => [pick(results.ours, key), pick(results.testcontainers, key)]
      const table = (keys) =>
        sidesTable(
          Object.fromEntries(
            keys.flatMap(([key, what]) => sides(key).map((values, i) => [`${i === 0 ? 'devcluster' : 'testcontainers'}: ${what}`, values])),
          ),
        )
      const [ours, theirs] = sides('totalMs')
      // What the peer would need if its image had no wrapper and no formatting at all: only engine, server, and its own work.
      const bareTheirs = results.testcontainers.map(
        ({ totalMs, beforeServerMs = 0 }, i) => totalMs - beforeServerMs + (results.ours[i].beforeServerMs ?? 0),
      )
      return {
        images: [image.origin],
        tables: [
          table([
            ['totalMs', 'program start to first record consumed'],
            ['importMs', 'of it: Node and the import of the library'],
            ['upMs', 'of it: start until the library says it is up'],
            ['recordMs', 'of it: topic, produce, group, consume (kafkajs)'],
            ['engineMs', 'engine: create to start of the container'],
            ['beforeServerMs', 'container start to the first log line of the server (wrapper, format, JVM)'],
            ['serverMs', 'server: first log line to "Kafka Server started"'],
            ['lateMs', 'the library says up, after "Kafka Server started"'],
            ['downMs', 'removal by the library'],
          ]),
        ],
        judged: [
          judge('one broker to the first record, against testcontainers', ratios(ours, theirs), {
            bar: 0.6,
            why: 'the start of the JVM within the container is the largest part on both sides',
          }),
          beside(
            'the same without the import of either library',
            ratios(...['ours', 'testcontainers'].map((side) => results[side].map(({ totalMs, importMs }) => totalMs - importMs))),
          ),
          beside('against a testcontainers whose image needed no more than ours before the server', ratios(ours, bareTheirs)),
        ],
        notes: [
          'Peer: testcontainers 11, GenericContainer, the image\'s own entrypoint, wait for the log line "Transitioning from RECOVERY to RUNNING", Ryuk disabled (its container would come on top), published port chosen beforehand, one internal partition, no rebalance delay. The import of kafkajs is taken out on both sides.',
          wrapper === undefined
            ? ''
            : `The image's kafka-run-class.sh alone, without any Java: ${wrapper.toFixed(0)} ms per call here; the image's entrypoint calls it twice.`,
          noiseNote(noise),
        ].filter(Boolean),
      }
    },
  },
]
