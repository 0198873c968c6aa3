// Half a core for everything while a producer writes: slower, but no healthy broker is fenced, by the controller's own log. Needs root for a cgroup.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'

const FILE =
  'name: starved\nservices:\n  kafka:\n    brokers: 3\n    topics: { orders: { partitions: 3, replicas: 3, config: { min.insync.replicas: 2 } } }\n'

/** A cgroup with half a core, version 2 or 1; undefined where none can be made. */
function halfCore() {
  const name = `devcluster-soak-${process.pid}`
  try {
    if (existsSync('/sys/fs/cgroup/cgroup.controllers')) {
      const path = `/sys/fs/cgroup/${name}`
      mkdirSync(path)
      writeFileSync(`${path}/cpu.max`, '50000 100000')
      return path
    }
    const path = `/sys/fs/cgroup/cpu/${name}`
    mkdirSync(path)
    writeFileSync(`${path}/cpu.cfs_period_us`, '100000')
    writeFileSync(`${path}/cpu.cfs_quota_us`, '50000')
    return path
  } catch {
    return undefined
  }
}

export async function starve(soak) {
  const minutes = soak.short ? 0.5 : 5
  const title = `half a core for ${minutes} minutes while producing with acks=all`
  if (soak.runtime !== 'process') return { title, result: 'process runtime only', bad: [] }
  soak.write(FILE)
  const up = await soak.cli(['up', ...soak.flags])
  if (up.code !== 0) return { title, result: '', bad: [`up ended with ${up.code}: ${up.output.slice(-400)}`] }
  const status = JSON.parse((await soak.cli(['status', '--json'])).output.replace(/^[^{]*/, ''))
  const env = JSON.parse((await soak.cli(['env', '--format', 'json'])).output.replace(/^[^{]*/, ''))
  const cgroup = halfCore()
  if (!cgroup) return { title, result: 'skipped: no cgroup can be made here', bad: [] }
  const pids = status.nodes.map((node) => /pid (\d+)/.exec(node.handle)?.[1]).filter(Boolean)
  const bad = []
  let acknowledged = 0
  const since = new Date().toISOString()
  try {
    for (const pid of pids) writeFileSync(`${cgroup}/cgroup.procs`, pid)
    const producer = new Kafka({
      brokers: env.KAFKA_BOOTSTRAP_SERVERS.split(','),
      logLevel: logLevel.NOTHING,
      requestTimeout: 30_000,
    }).producer()
    await producer.connect()
    const until = performance.now() + minutes * 60_000
    while (performance.now() < until) {
      try {
        await producer.send({
          topic: 'orders',
          acks: -1,
          messages: Array.from({ length: 20 }, (_, i) => ({ value: `v${acknowledged + i}` })),
        })
        acknowledged += 20
      } catch {
        // Slow is allowed, lost is not: only what was acknowledged counts.
      }
      await delay(20)
    }
    await producer.disconnect()
  } finally {
    const root = cgroup.slice(0, cgroup.lastIndexOf('/'))
    for (const pid of pids) {
      try {
        writeFileSync(`${root}/cgroup.procs`, pid)
      } catch {
        // it ended
      }
    }
    try {
      rmdirSync(cgroup)
    } catch {
      // the kernel frees it a moment later
    }
  }
  const log = await soak.cli(['logs', 'kafka-controller-1'])
  const fenced = log.output
    .split('\n')
    .filter((line) => /[Ff]enc(ed|ing) broker/.test(line) && (/\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(line)?.[0] ?? '') >= since)
  if (fenced.length > 0) bad.push(`fenced: ${fenced.slice(0, 3).join(' / ')}`)
  const topics = JSON.parse((await soak.cli(['topics', '--json'])).output.replace(/^[^{]*/, ''))
  const records = topics.topics.find((topic) => topic.name === 'orders')?.records ?? 0
  if (records < acknowledged) bad.push(`${acknowledged} acknowledged, ${records} there`)
  if (acknowledged === 0) bad.push('nothing was acknowledged')
  return { title, result: `${acknowledged} acknowledged, ${records} there, no broker fenced`, bad }
}
