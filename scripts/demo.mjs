// The demonstration: brings up examples/quickstart with the built command line, reads every record back with a client of another vendor,
// writes and reads some more, prints the numbers and takes the cluster down. `-- --keep` leaves it up, `-- --runtime docker` chooses.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from './setup.mjs'

const USAGE = 'usage: npm run demo -- [--keep] [--runtime process|docker] [--set PATH=VALUE]...'

function parseFlags() {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    keep: { type: 'boolean', default: false },
    runtime: { type: 'string' },
    set: { type: 'string', multiple: true },
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    process.stderr.write(`demo: ${error.message}\n${USAGE}\n`)
    process.exit(2)
  }
}

const flags = parseFlags()
if (flags.help) {
  process.stdout.write(`${USAGE}\n`)
  process.exit(0)
}
const EXAMPLE = join(root, 'examples', 'quickstart', 'devcluster.yaml')
const PRODUCED = 1_000
/** What is produced goes into a topic of its own: the example's topics keep what the file says. */
const OWN_TOPIC = 'demo'
const phases = []
const groups = []
const common = [
  '-f',
  EXAMPLE,
  ...(flags.runtime ? ['--runtime', flags.runtime] : []),
  ...(flags.set ?? []).flatMap((set) => ['--set', set]),
]
let child

async function phase(name, work) {
  const began = performance.now()
  const result = await work()
  phases.push([name, (performance.now() - began) / 1000])
  return result
}

/** Runs the built command line; its progress goes through, its results too. `quietly`: only the result is wanted, nothing is shown. */
function devcluster(args, quietly = false) {
  if (!quietly)
    process.stderr.write(`\n$ devcluster ${args.map((arg) => (arg === EXAMPLE ? 'examples/quickstart/devcluster.yaml' : arg)).join(' ')}\n`)
  return new Promise((resolve, reject) => {
    child = spawn(process.execPath, [join(root, 'dist', 'devcluster.cjs'), ...args], {
      stdio: ['ignore', quietly ? 'pipe' : 'inherit', 'inherit'],
    })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      child = undefined
      if (code === 0) resolve(output)
      else reject(Object.assign(new Error(`devcluster ${args[0]} ended with ${signal ?? code}`), { exitCode: code ?? 1 }))
    })
  })
}

/** Reads topics from the beginning with KafkaJS in a new group until `expected` records came. @returns records per topic */
async function readAll(kafka, topics, expected, withinMs) {
  const counts = Object.fromEntries(topics.map((topic) => [topic, 0]))
  const groupId = `demo-${Date.now()}`
  groups.push(groupId)
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
  await consumer.connect()
  let timer
  try {
    await consumer.subscribe({ topics, fromBeginning: true })
    await new Promise((resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(`only ${Object.values(counts).reduce((a, b) => a + b, 0)} of ${expected} records came within ${withinMs / 1000} s`),
          ),
        withinMs,
      )
      consumer
        .run({
          eachBatch: async ({ batch }) => {
            counts[batch.topic] += batch.messages.length
            if (Object.values(counts).reduce((a, b) => a + b, 0) >= expected) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    clearTimeout(timer)
    await consumer.disconnect()
  }
  return counts
}

async function main() {
  await phase('set-up', async () => setup())
  const { Kafka, logLevel } = await import('kafkajs')
  await phase('up', () => devcluster(['up', ...common]))
  try {
    await devcluster(['status', ...common])
    await devcluster(['topics', ...common])
    await devcluster(['env', ...common])
    const env = JSON.parse(await devcluster(['env', '--format', 'json', ...common], true))
    const seeded = JSON.parse(await devcluster(['topics', '--json', ...common], true))
    const topics = seeded.topics.map((topic) => topic.name).filter((name) => ['airports', 'routes', 'movies'].includes(name))
    const into = seeded.topics.filter((topic) => topics.includes(topic.name)).reduce((sum, topic) => sum + topic.records, 0)
    const kafka = new Kafka({ brokers: env.KAFKA_BOOTSTRAP_SERVERS.split(','), clientId: 'demo', logLevel: logLevel.ERROR })
    const counts = await phase('consume the seeds', () => readAll(kafka, topics, into, 60_000))
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: OWN_TOPIC, numPartitions: 3, replicationFactor: -1 }] })
    await phase(`produce ${PRODUCED}`, async () => {
      const producer = kafka.producer({ allowAutoTopicCreation: false })
      await producer.connect()
      await producer.send({
        topic: OWN_TOPIC,
        acks: -1,
        messages: Array.from({ length: PRODUCED }, (_, i) => ({ key: `demo-${i % 7}`, value: JSON.stringify({ demo: i }) })),
      })
      await producer.disconnect()
    })
    const own = await phase('consume them', () => readAll(kafka, [OWN_TOPIC], PRODUCED, 60_000))
    await admin.deleteTopics({ topics: [OWN_TOPIC] })
    await admin.deleteGroups(groups)
    await admin.disconnect()
    await devcluster(['consume', 'airports', '-n', '3', ...common])
    const out = Object.values(counts).reduce((a, b) => a + b, 0)
    const extra = own[OWN_TOPIC]
    if (out !== into || extra !== PRODUCED) throw new Error(`${into} + ${PRODUCED} records went in, ${out} + ${extra} came out`)
    if (!flags.keep) await phase('down', () => devcluster(['down', ...common]))
    process.stdout.write(`\n${phases.map(([name, seconds]) => `${name}: ${seconds.toFixed(1)} s`).join(' · ')}\n`)
    process.stdout.write(`${topics.map((topic) => `${topic} ${counts[topic]}`).join(', ')}\n`)
    process.stdout.write(`${into} seeded records went in, ${out} came out; ${PRODUCED} more were produced, ${extra} consumed\n`)
    if (flags.keep) process.stdout.write('the cluster stays up: npx devcluster down -f examples/quickstart/devcluster.yaml removes it\n')
  } catch (error) {
    if (!flags.keep) await devcluster(['down', ...common]).catch(() => undefined)
    throw error
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  // The command line got the terminal's signal too and undoes what it started; the demonstration ends when it has.
  process.on(signal, () => {
    if (!child) process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}

main().catch((error) => {
  process.stderr.write(`\ndemo: ${error.message}\n`)
  process.exitCode = error.exitCode ?? 1
})
