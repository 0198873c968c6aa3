// Row 10: seeding the records of a file, first to last acknowledgement, against Node clients that have the records in memory and only send.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openChild } from '../lib/child.mjs'
import { runningKafka } from '../lib/live.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { median, ratios } from '../lib/stats.mjs'

const TOPIC = 'orders'
const PARTITIONS = 6
const RECORDS = 500_000
/** Records of a call and calls under way: the fastest of those tried with each client (500 to 20,000 records, 1 to 16 calls). */
const PEERS = { kafkajs: { perSend: 5000, inFlight: 8 }, platformatic: { perSend: 2000, inFlight: 4 } }

function writeRecords(path) {
  const lines = Array.from({ length: RECORDS }, (_, i) => {
    const value = {
      order: i + 1,
      customer: `customer-${i % 997}`,
      status: 'accepted',
      items: [{ sku: `sku-${i % 4099}`, count: 1 + (i % 5) }],
      total: (i % 10_000) / 100,
    }
    return JSON.stringify({ key: `order-${i + 1}`, value })
  })
  writeFileSync(path, `${lines.join('\n')}\n`)
}

const thousands = (value) => `${(value / 1000).toFixed(0)}k records/s`

export const rows = [
  {
    id: '10',
    title: 'Seeding records, first to last acknowledgement, against Node clients that only send',
    async run(context) {
      const records = join(context.work, 'orders.ndjson')
      writeRecords(records)
      const topics = { [TOPIC]: { partitions: PARTITIONS, seed: records } }
      const { file, ports } = await runningKafka(context, 'bench-seeding', { brokers: 1, topics })
      const task = {
        library: join(context.dist, 'index.js'),
        file,
        records,
        topic: TOPIC,
        partitions: PARTITIONS,
        bootstrap: `127.0.0.1:${ports[0]}`,
      }
      const side = (name, more) => async () => {
        const { firstMs, lastMs, between } = await openChild('seed', { side: name, ...task, ...more }, context.env).next()
        return { rate: between / ((lastMs - firstMs) / 1000), wholeRate: RECORDS / (lastMs / 1000) }
      }
      const { results, ...noise } = await interleave(context, context.quick ? 3 : 7, {
        devcluster: side('devcluster', {}),
        ...Object.fromEntries(Object.entries(PEERS).map(([name, more]) => [name, side(name, more)])),
      })
      const of = (name, key) => pick(results[name], key)
      const peers = Object.keys(PEERS).sort((a, b) => median(of(b, 'rate')) - median(of(a, 'rate')))
      const names = {
        devcluster: 'devcluster seed (reads and checks the file too)',
        kafkajs: 'kafkajs, records in memory',
        platformatic: '@platformatic/kafka, records in memory',
      }
      const table = (key, what) =>
        sidesTable(Object.fromEntries(Object.entries(names).map(([name, words]) => [`${words}: ${what}`, of(name, key)])), thousands)
      const [fastest, other] = peers
      return {
        tables: [table('rate', 'first to last acknowledgement'), table('wholeRate', 'from the call')],
        judged: [
          judge(`records per second, against ${names[fastest]}`, ratios(of('devcluster', 'rate'), of(fastest, 'rate')), {
            bar: 0.8,
            atLeast: true,
          }),
          beside(`records per second, against ${names[other]}`, ratios(of('devcluster', 'rate'), of(other, 'rate'))),
        ],
        notes: [
          `More is better. ${RECORDS.toLocaleString('en-US')} records of about 150 bytes into ${PARTITIONS} partitions of one broker (Kafka 4.3.1 from Maven artifacts, as a process), acks of all in-sync replicas, no compression, partition by the key's murmur2 hash, each sample in a program of its own with an empty topic. The others send with the number of records and requests that was fastest for each.`,
          "devcluster's call also deletes and makes the topic, and reads the file twice: once to check it before the first record is sent.",
          noiseNote(noise),
        ],
      }
    },
  },
]
