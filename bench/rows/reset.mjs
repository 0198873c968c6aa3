// Row 11: `cluster.reset()` of twenty topics, against the bare calls in sequence by a client that does nothing else.
import { join } from 'node:path'
import { openChild } from '../lib/child.mjs'
import { runningKafka } from '../lib/live.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

const TOPICS = 20

/** All samples on one running cluster; what one side has made, the next one removes. */
async function measure(context, { brokers, partitions }) {
  const topics = Array.from({ length: TOPICS }, (_, i) => ({ name: `topic-${i + 1}`, partitions, replicas: brokers }))
  const { file, ports } = await runningKafka(context, `bench-reset-${brokers}`, {
    brokers,
    topics: Object.fromEntries(topics.map(({ name }) => [name, `${partitions}:${brokers}`])),
  })
  const child = openChild('resets', { library: join(context.dist, 'index.js'), file, ports, topics }, context.env)
  try {
    await child.next()
    // The first calls of all sides load code; a test suite resets often.
    for (const side of ['ours', 'bare', 'kafkajs']) await child.ask(side)
    return await interleave(context, context.quick ? 5 : 15, {
      ours: () => child.ask('ours'),
      bare: () => child.ask('bare'),
      kafkajs: () => child.ask('kafkajs'),
    })
  } finally {
    child.close()
    await context.devcluster.cli(['down', '-f', file])
  }
}

export const rows = [
  {
    id: '11',
    title: 'Reset of 20 Kafka topics, against the bare calls in sequence',
    async run(context) {
      const one = await measure(context, { brokers: 1, partitions: 1 })
      const three = await measure(context, { brokers: 3, partitions: 3 })
      const ms = ({ results }, side) => pick(results[side], 'ms')
      const lines = (measured, what) => ({
        [`cluster.reset(), ${what}`]: ms(measured, 'ours'),
        [`bare calls, ${what}`]: ms(measured, 'bare'),
        [`kafkajs, ${what}`]: ms(measured, 'kafkajs'),
      })
      const whats = {
        one: `${TOPICS} topics of one partition, one broker`,
        three: `${TOPICS} topics of three partitions, three brokers, three replicas`,
      }
      return {
        tables: [sidesTable({ ...lines(one, whats.one), ...lines(three, whats.three) })],
        judged: [
          judge(`reset of ${whats.one}`, ratios(ms(one, 'ours'), ms(one, 'bare')), { bar: 2 }),
          judge(`reset of ${whats.three}`, ratios(ms(three, 'ours'), ms(three, 'bare')), { bar: 2 }),
          beside(`${whats.one}: against kafkajs`, ratios(ms(one, 'ours'), ms(one, 'kafkajs'))),
          beside(`${whats.three}: against kafkajs`, ratios(ms(three, 'ours'), ms(three, 'kafkajs'))),
        ],
        notes: [
          "Kafka 4.3.1 from Maven artifacts, as processes. Bare calls: DeleteTopics and CreateTopics for all at once by the bench's own client, then Metadata (every broker, ids of the new topics, full in-sync sets) and ListOffsets until they serve. `cluster.reset()` also looks for topics and groups that nobody declared, deletes them, and takes the cluster's lock. kafkajs: deleteTopics, createTopics with waitForLeaders, which asks one broker and cannot tell new topics from old ones.",
          noiseNote({ noise: Math.max(one.noise, three.noise), noisiest: Math.max(one.noisiest, three.noisiest) }),
        ],
      }
    },
  },
]
