// Half a core for all nodes together while a producer writes: slower, but no healthy broker is fenced, by the controller's own log, and nothing that
// was acknowledged is lost. A broker that is frozen afterwards must be fenced: that proves that the log would have told. Needs root for a cgroup.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'

const FILE =
  'name: starved\nservices:\n  kafka:\n    brokers: 3\n    topics: { orders: { partitions: 3, replicas: 3, config: { min.insync.replicas: 2 } } }\n'
const PARTITIONS = 3
const BATCH = 20
const WRITERS = 8
const PERIODS_PER_MINUTE = 600
/** Longer than a broker's session (broker.session.timeout.ms, 9 s). */
const FROZEN_WITHIN_MS = 30_000

/** A cgroup with half a core, version 2 or 1; undefined where none can be made. */
function halfCore() {
  const name = `devcluster-soak-${process.pid}`
  const [root, limits, usage] = existsSync('/sys/fs/cgroup/cgroup.controllers')
    ? ['/sys/fs/cgroup', { 'cpu.max': '50000 100000' }, 'cpu.stat']
    : ['/sys/fs/cgroup/cpu', { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '50000' }, 'cpu.stat']
  const path = `${root}/${name}`
  try {
    mkdirSync(path)
    for (const [file, value] of Object.entries(limits)) writeFileSync(`${path}/${file}`, value)
  } catch {
    if (existsSync(path)) rmdirSync(path)
    return undefined
  }
  const move = (to, pids) => {
    for (const pid of pids) {
      try {
        writeFileSync(`${to}/cgroup.procs`, pid)
      } catch {
        // it ended
      }
    }
  }
  return {
    take: (pids) => move(path, pids),
    /** How often the limit took hold. */
    throttled: () => Number(/nr_throttled (\d+)/.exec(readFileSync(`${path}/${usage}`, 'utf8'))?.[1] ?? 0),
    release: async (pids) => {
      move(root, pids)
      for (let attempt = 0; existsSync(path) && attempt < 50; attempt++) {
        try {
          rmdirSync(path)
        } catch {
          // The kernel frees it a moment later.
          await delay(100)
        }
      }
    },
  }
}

/** Lines about fenced brokers that the controller wrote since then. */
async function fencings(soak, sinceMs) {
  const { stdout } = await soak.cli(['logs', 'kafka-controller-1'])
  return stdout.split('\n').filter((line) => {
    const at = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)/.exec(line)?.[0]
    return /fencing broker/i.test(line) && at !== undefined && Date.parse(at) >= sinceMs
  })
}

export async function starve(soak) {
  const minutes = soak.minutes(5)
  const title = `half a core for ${minutes < 1 ? `${Math.round(minutes * 60)} s` : `${minutes} minutes`} while producing with acks=all`
  if (soak.runtime !== 'process') return { title, result: 'process runtime only', bad: [] }
  soak.write(FILE)
  const up = await soak.cli(['up', ...soak.flags])
  if (up.code !== 0) return { title, result: '', bad: [`up ended with ${up.code}: ${up.output.slice(-400)}`] }
  const status = JSON.parse((await soak.cli(['status', '--json'])).stdout)
  const env = JSON.parse((await soak.cli(['env', '--format', 'json'])).stdout)
  const cgroup = halfCore()
  if (!cgroup) return { title, result: 'skipped: no cgroup can be made here', bad: [] }
  const pids = status.nodes.map((node) => /pid (\d+)/.exec(node.handle)?.[1]).filter(Boolean)
  const bad = []
  const acknowledged = []
  let refused = 0
  let longestMs = 0
  let throttled = 0
  const sinceMs = Date.now()
  cgroup.take(pids)
  try {
    const kafka = new Kafka({ brokers: env.KAFKA_BOOTSTRAP_SERVERS.split(','), logLevel: logLevel.NOTHING, requestTimeout: 30_000 })
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const until = performance.now() + minutes * 60_000
    let batch = 0
    // As fast as it goes: several sends are under way at any time, so that half a core is never enough.
    const write = async () => {
      while (performance.now() < until) {
        const n = batch++
        const values = Array.from({ length: BATCH }, (_, i) => `v${n * BATCH + i}`)
        const began = performance.now()
        try {
          // One partition at a time: KafkaJS drops what moves to a broker that has answered for another partition of the same send.
          await producer.send({ topic: 'orders', acks: -1, messages: values.map((value) => ({ value, partition: n % PARTITIONS })) })
          for (const value of values) acknowledged.push(value)
          longestMs = Math.max(longestMs, performance.now() - began)
        } catch {
          // Slow is allowed, lost is not: only what was acknowledged counts.
          refused += values.length
        }
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, write))
    await producer.disconnect()
    throttled = cgroup.throttled()
  } finally {
    await cgroup.release(pids)
  }
  const fenced = await fencings(soak, sinceMs)
  if (fenced.length > 0) bad.push(`fenced: ${fenced.slice(0, 3).join(' / ')}`)
  const periods = Math.round(minutes * PERIODS_PER_MINUTE)
  if (throttled < periods / 2) bad.push(`the limit took hold in ${throttled} of ${periods} periods only: that is no starvation`)
  const read = new Set((await soak.cli(['consume', 'orders'])).stdout.split('\n'))
  const lost = acknowledged.filter((value) => !read.has(value))
  if (lost.length > 0) bad.push(`${lost.length} of ${acknowledged.length} acknowledged are not there, such as ${lost[0]}`)
  if (acknowledged.length === 0) bad.push('nothing was acknowledged')

  const frozenAt = Date.now()
  await soak.cli(['pause', 'kafka-3'])
  const deadline = performance.now() + FROZEN_WITHIN_MS
  while ((await fencings(soak, frozenAt)).length === 0 && performance.now() < deadline) await delay(1_000)
  if ((await fencings(soak, frozenAt)).length === 0) bad.push('a frozen broker was not fenced: the log cannot be judged')
  await soak.cli(['resume', 'kafka-3'])
  return {
    title,
    result: `${acknowledged.length} acknowledged (slowest batch ${(longestMs / 1000).toFixed(1)} s), all there, ${refused} refused, no broker fenced; limited in ${throttled} of ${periods} periods of 0.1 s`,
    bad,
  }
}
