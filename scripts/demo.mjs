// The demonstration: brings up examples/quickstart with the built command line, reads every record back with a client of another vendor,
// writes and reads some more, prints the numbers and takes the cluster down. `-- --keep` leaves it up, `-- --runtime docker` chooses.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from './setup.mjs'

const { values: flags } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, runtime: { type: 'string' }, set: { type: 'string', multiple: true } },
})
const EXAMPLE = join(root, 'examples', 'quickstart', 'devcluster.yaml')
const PRODUCED = 1_000
const phases = []
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

/** Runs the built command line; its progress goes through, its results too unless captured. */
function devcluster(args, capture = false) {
  process.stderr.write(`\n$ devcluster ${args.map((arg) => (arg === EXAMPLE ? 'examples/quickstart/devcluster.yaml' : arg)).join(' ')}\n`)
  return new Promise((resolve, reject) => {
    child = spawn(process.execPath, [join(root, 'dist', 'devcluster.cjs'), ...args], {
      stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
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
  const consumer = kafka.consumer({ groupId: `demo-${Date.now()}-${topics.length}`, maxWaitTimeInMs: 100 })
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
    const env = JSON.parse(await devcluster(['env', '--format', 'json', ...common], true))
    const seeded = JSON.parse(await devcluster(['topics', '--json', ...common], true))
    const topics = seeded.topics.map((topic) => topic.name).filter((name) => ['airports', 'routes', 'movies'].includes(name))
    const into = seeded.topics.filter((topic) => topics.includes(topic.name)).reduce((sum, topic) => sum + topic.records, 0)
    const kafka = new Kafka({ brokers: env.KAFKA_BOOTSTRAP_SERVERS.split(','), clientId: 'demo', logLevel: logLevel.ERROR })
    const counts = await phase('consume the seeds', () => readAll(kafka, topics, into, 60_000))
    await phase(`produce ${PRODUCED}`, async () => {
      const producer = kafka.producer({ allowAutoTopicCreation: false })
      await producer.connect()
      await producer.send({
        topic: 'routes',
        acks: -1,
        messages: Array.from({ length: PRODUCED }, (_, i) => ({ key: `demo-${i % 7}`, value: JSON.stringify({ demo: i }) })),
      })
      await producer.disconnect()
    })
    const routes = await phase('consume them', () => readAll(kafka, ['routes'], (counts.routes ?? 0) + PRODUCED, 60_000))
    process.stderr.write('\n$ devcluster consume airports -n 3\n')
    await devcluster(['consume', 'airports', '-n', '3', ...common])
    const out = Object.values(counts).reduce((a, b) => a + b, 0)
    const extra = routes.routes - counts.routes
    if (out !== into || extra !== PRODUCED) throw new Error(`${into} + ${PRODUCED} records went in, ${out} + ${extra} came out`)
    if (!flags.keep) await phase('down', () => devcluster(['down', ...common]))
    process.stdout.write(`\n${phases.map(([name, seconds]) => `${name}: ${seconds.toFixed(1)} s`).join(' · ')}\n`)
    process.stdout.write(`${topics.map((topic) => `${topic} ${counts[topic]}`).join(', ')}\n`)
    process.stdout.write(`${into} seeded records went in, ${out} came out; ${PRODUCED} more were produced, ${extra} consumed\n`)
    if (flags.keep) process.stdout.write('the cluster stays up: devcluster down -f examples/quickstart/devcluster.yaml removes it\n')
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
