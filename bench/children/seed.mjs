// Brings the records of a file into a topic, by one of several ways, and tells when the first and the last were acknowledged. All ways: acks of all
// in-sync replicas, no compression, partition by the key's murmur2 hash. The others get their records from memory: they do nothing but send.
// IPC: sends { firstMs, lastMs, between } (since the sending began; records acknowledged after the first acknowledgement) and ends.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { side, library, file, records: source, topic, partitions, bootstrap, perSend, inFlight } = JSON.parse(process.argv[2])

function readRecords() {
  const lines = readFileSync(source, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const { key, value } = JSON.parse(line)
    return { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) }
  })
}

/** Sends slices, some at a time; `acknowledged` hears how many records are in. */
async function sendAll(records, send, acknowledged) {
  let next = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < records.length) {
        const slice = records.slice(next, next + perSend)
        next += slice.length
        await send(slice)
        acknowledged(slice.length)
      }
    }),
  )
}

/** The topic without a record in it. */
async function freshTopic() {
  const { Kafka, logLevel } = await import('kafkajs')
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }] })
  await admin.disconnect()
  return kafka
}

const ways = {
  async devcluster(acknowledged) {
    const { connectCluster } = await import(pathToFileURL(library).href)
    let known = 0
    const onEvent = (event) => {
      if (event.type !== 'step' || event.state !== 'progress' || !event.message?.startsWith(`${topic} (`)) return
      acknowledged(event.progress.done - known)
      known = event.progress.done
    }
    const cluster = await connectCluster({ file }, { onEvent })
    return () => cluster.seed({ fresh: true })
  },
  async kafkajs(acknowledged) {
    const records = readRecords()
    const kafka = await freshTopic()
    const { Partitioners } = await import('kafkajs')
    const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    return () => sendAll(records, (messages) => producer.send({ topic, acks: -1, messages }), acknowledged)
  },
  async platformatic(acknowledged) {
    const records = readRecords().map((record) => ({ topic, ...record }))
    await freshTopic()
    const { Producer, ProduceAcks } = await import('@platformatic/kafka')
    const producer = new Producer({ clientId: 'bench', bootstrapBrokers: [bootstrap], acks: ProduceAcks.ALL, autocreateTopics: false })
    await producer.metadata({ topics: [topic] })
    return () => sendAll(records, (messages) => producer.send({ messages }), acknowledged)
  },
}

let begin = 0
let firstMs
let lastMs
let between = 0
const send = await ways[side]((count) => {
  if (count === 0) return
  lastMs = performance.now() - begin
  if (firstMs === undefined) firstMs = lastMs
  else between += count
})
begin = performance.now()
await send()
process.send({ firstMs, lastMs, between }, () => process.exit())
