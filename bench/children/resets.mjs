// Brings the topics of a running cluster back to empty, in three ways, with a client that is there already. IPC: a side's name -> { ms }.
//   ours: cluster.reset(). bare: DeleteTopics, CreateTopics, then Metadata and ListOffsets until every broker serves the new ones.
//   kafkajs: deleteTopics, createTopics with waitForLeaders; it asks one broker, and takes the leader of an old topic for that of a new one.
import { pathToFileURL } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { sleep } from '../lib/process.mjs'
import { createTopics, deleteTopics, listOffsets, metadata, openConnection } from '../lib/wire.mjs'

const POLL_MS = 5
const SERVE_WITHIN_MS = 60_000

const { library, file, ports, topics } = JSON.parse(process.argv[2])
const { connectCluster } = await import(pathToFileURL(library).href)
const cluster = await connectCluster({ file })
const brokers = await Promise.all(ports.map((port) => openConnection(port)))
const names = topics.map(({ name }) => name)
const byId = new Map()
const { brokers: addresses } = await brokers[0].ask(metadata, { topics: [] })
for (const { id, port } of addresses) byId.set(id, brokers[ports.indexOf(port)])

const admin = new Kafka({ brokers: ports.map((port) => `127.0.0.1:${port}`), logLevel: logLevel.NOTHING }).admin()
await admin.connect()

const complete = ({ error, partitions, id }, wanted) =>
  error === 0 &&
  id === wanted.id &&
  partitions.length === wanted.partitions &&
  partitions.every(({ leader, replicas, inSync }) => leader >= 0 && inSync.length === replicas.length)

/** Whether every broker knows all new topics with leaders and full in-sync sets, and the leaders answer for them. */
async function serve(wanted) {
  const answers = await Promise.all(brokers.map((broker) => broker.ask(metadata, { topics: names })))
  if (!answers.every(({ topics: found }) => found.every((topic) => complete(topic, wanted.get(topic.name))))) return false
  const asked = [...byId].map(([id, broker]) => {
    const led = answers[0].topics.map(({ name, partitions }) => ({
      name,
      indexes: partitions.filter(({ leader }) => leader === id).map(({ index }) => index),
    }))
    return broker.ask(listOffsets, { topics: led.filter(({ indexes }) => indexes.length > 0) })
  })
  return (await Promise.all(asked)).flat().every((error) => error === 0)
}

async function bare() {
  const deleted = await brokers[0].ask(deleteTopics, { names })
  const kept = names.find((name) => deleted.get(name) !== 0)
  if (kept) throw new Error(`deleting ${kept}: error ${deleted.get(kept)}`)
  const created = await brokers[0].ask(createTopics, { topics })
  const failed = created.find(({ error }) => error !== 0)
  if (failed) throw new Error(`creating ${failed.name}: error ${failed.error}`)
  const wanted = new Map(created.map(({ name, id }, i) => [name, { id, partitions: topics[i].partitions }]))
  const until = performance.now() + SERVE_WITHIN_MS
  while (!(await serve(wanted))) {
    if (performance.now() > until) throw new Error('the new topics do not serve')
    await sleep(POLL_MS)
  }
}

async function kafkajs() {
  await admin.deleteTopics({ topics: names })
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name, partitions, replicas }) => ({ topic: name, numPartitions: partitions, replicationFactor: replicas })),
    })
  } catch (error) {
    // Of several brokers it sometimes asks one that has not heard of the topics yet, and gives up: they are made, and it has returned.
    if (!error.retriable) throw error
  }
}

const sides = { ours: () => cluster.reset(), bare, kafkajs }

async function answer(side) {
  const begin = performance.now()
  await sides[side]()
  process.send({ ms: performance.now() - begin })
}

process.on('message', (side) => void answer(side))
process.on('disconnect', () => process.exit())
process.send({ ready: true })
