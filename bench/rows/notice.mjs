// Row 8: how long after a server opens the product's own waiting loop, with the product's own probes, says that it is ready.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openChild } from '../lib/child.mjs'
import { freePorts } from '../lib/ports.mjs'
import { epoch } from '../lib/process.mjs'
import { judge } from '../lib/report.mjs'
import { interleave, noiseNote } from '../lib/samples.mjs'
import { median, ms, percentile } from '../lib/stats.mjs'

const BAR_MS = 40
/** Clocks of two processes agree to well below this. */
const CLOCKS_MS = 1

/** What is there before the server opens; none of it may be taken for ready. */
const SITUATIONS = {
  'kafka, nothing listens before': { protocol: 'kafka', before: 'refuses' },
  'kafka, a listener before that hangs up': { protocol: 'kafka', before: 'hangs up' },
  'kafka, a silent listener before': { protocol: 'kafka', before: 'is silent' },
  'zookeeper, nothing listens before': { protocol: 'zookeeper', before: 'refuses' },
  'zookeeper, a listener before that does not serve': { protocol: 'zookeeper', before: 'does not serve' },
}

/** The probes as the engine gets them, for one node on this port. */
async function loadProduct(dist) {
  const load = (path) => import(pathToFileURL(join(dist, path)).href)
  const { waitUntilReady } = await load('engine/wait.js')
  const { kafkaProbe } = await load('services/kafka/probe.js')
  const { zookeeperProbe } = await load('services/zookeeper/probe.js')
  const nodeAt = (role, port, facts) => ({
    id: `${role}-1`,
    role,
    facts,
    place: { ports: { client: { host: { host: '127.0.0.1', port } } } },
  })
  return {
    waitUntilReady,
    probes: {
      kafka(port) {
        const node = nodeAt('combined', port, { nodeId: 1 })
        return kafkaProbe(node, { nodes: [node] })
      },
      zookeeper: (port) => zookeeperProbe(nodeAt('member', port, { members: 1 })),
    },
  }
}

async function sample({ waitUntilReady, probes }, server, { port, ...situation }) {
  await server.ask({ ...situation, port })
  const opened = server.next()
  const waited = waitUntilReady(probes[situation.protocol](port), { withinMs: 10_000, signal: new AbortController().signal }).then(
    (result) => ({ ...result, at: epoch() }),
  )
  const [{ outcome, history, at }, { openedAt }] = await Promise.all([waited, opened])
  await server.ask('close')
  if (outcome !== 'ready') throw new Error(`the wait ended ${outcome}: ${history.at(-1)?.why}`)
  const lateMs = at - openedAt
  if (lateMs < -CLOCKS_MS) throw new Error(`${situation.protocol} that ${situation.before} counted as ready ${-lateMs} ms before it opened`)
  return Math.max(0, lateMs)
}

function lateTable(sides) {
  const lines = Object.entries(sides).map(
    ([name, late]) => `| ${name} | ${ms(median(late))} | ${ms(percentile(late, 0.95))} | ${ms(Math.max(...late))} | ${late.length} |`,
  )
  return ['| | p50 | p95 | max | n |', '|---|---|---|---|---|', ...lines].join('\n')
}

export const rows = [
  {
    id: '8',
    title: 'Notice of readiness: a server that opens at a known time',
    async run(context) {
      const product = await loadProduct(context.dist)
      const server = openChild('opening', {}, context.env)
      const port = await freePorts(1)
      const [rounds, perRound] = context.quick ? [4, 10] : [10, 25]
      const side = (situation) => async () => {
        const late = []
        while (late.length < perRound) late.push(await sample(product, server, { ...situation, port }))
        return { medianMs: median(late), latestMs: Math.max(...late), late }
      }
      try {
        const { results, ...noise } = await interleave(
          context,
          rounds,
          Object.fromEntries(Object.entries(SITUATIONS).map(([name, situation]) => [name, side(situation)])),
        )
        const late = Object.fromEntries(Object.entries(results).map(([name, all]) => [name, all.flatMap((one) => one.late)]))
        return {
          tables: [lateTable(late)],
          judged: Object.entries(late).map(([name, values]) =>
            judge(
              `p95 of the notice, ${name}`,
              { median: percentile(values, 0.95), min: Math.min(...values), max: Math.max(...values), n: values.length },
              { bar: BAR_MS, format: ms },
            ),
          ),
          notes: [
            "The product's own loop (engine/wait.js) and probes against a program that answers the protocol and tells the moment it opened, 40 to 360 ms after the wait began. Judged is p95, shown with least and most. A wait that ends before the moment fails the row.",
            noiseNote(noise),
          ],
        }
      } finally {
        server.close()
      }
    },
  },
]
