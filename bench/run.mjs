// The benchmark: runs rows, writes RESULTS.md beside this file. Ratios of one interleaved run on one machine; nothing here is a test.
//   npm run bench -- [--quick] [--rows 1,4,5] [--patience SECONDS] [--dist DIR] [--out FILE]
// --quick: three samples each, without the longest rows. --patience: how long to wait for a quiet machine before each sample (default 20).
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makeContext, root } from './lib/context.mjs'
import { writeResults } from './lib/report.mjs'

const ROWS = [
  'processes',
  'first-record',
  'three-containers',
  'zookeeper',
  'again',
  'cold-start',
  'rejoin',
  'stop',
  'notice',
  'memory',
  'seeding',
  'reset',
]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    patience: { type: 'string', default: '20' },
    dist: { type: 'string', default: join(root, 'dist') },
    out: { type: 'string', default: join(root, 'bench', 'RESULTS.md') },
  },
})

const say = (line) => process.stderr.write(`${line}\n`)
const rows = (await Promise.all(ROWS.map((name) => import(`./rows/${name}.mjs`)))).flatMap((module) => module.rows)
const wanted = values.rows?.split(',').map((id) => id.trim())
const unknown = wanted?.filter((id) => !rows.some((row) => row.id === id)) ?? []
if (unknown.length > 0) {
  say(`no row ${unknown.join(', ')}; there are: ${rows.map(({ id, title }) => `\n  ${id}  ${title}`).join('')}`)
  process.exit(2)
}

const context = await makeContext({ quick: values.quick, dist: resolve(values.dist), patienceMs: Number(values.patience) * 1000, say })
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    say('\ncleaning up')
    void context.cleanUp().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
  })
}

const { machine } = context
const head = `# Results of the benchmark

\`npm run bench\` on one machine, each row's samples interleaved (A B, B A, ...): only ratios mean something elsewhere. Ratios are taken pair by pair.
Lower is better unless a bar says otherwise. A row that was measured at another time says so; what a row compares is told in it.

Machine of the last run: ${machine.processor}; ${machine.system}; Node ${machine.node}; ${machine.java}; Docker Engine ${machine.engine}; Docker Compose ${machine.compose}.
`

let failures = 0
try {
  for (const [order, row] of rows.entries()) {
    if (wanted ? !wanted.includes(row.id) : values.quick && row.long) continue
    say(`\n[${row.id}] ${row.title}`)
    const outcome = await measure(row)
    if (stopping) break
    const origin = `_${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${machine.commit}, ${machine.processor}, Node ${machine.node}, ${machine.java}${outcome.images ? `, Docker Engine ${machine.engine}` : ''}._${outcome.images ? `\n\nImages: ${outcome.images.join('; ')}.` : ''}`
    writeResults(values.out, head, [{ id: row.id, order, title: row.title, outcome, origin }])
    for (const { name, measured, bar, verdict } of outcome.judged ?? []) say(`  ${name}: ${measured} (bar ${bar}: ${verdict})`)
    if (outcome.skipped) say(`  skipped: ${outcome.skipped}`)
  }
} finally {
  if (!stopping) await context.cleanUp()
}
if (!stopping) {
  say(`\n${values.out}`)
  process.exit(failures > 0 ? 1 : 0)
}

async function measure(row) {
  const missing = row.missing?.(context)
  if (missing) return { skipped: missing }
  try {
    return await row.run(context)
  } catch (error) {
    failures++
    say(`  failed: ${error.stack}`)
    return { failed: `\`${String(error.message).split('\n')[0]}\`` }
  } finally {
    context.judge.cancel()
    await context.sweep()
  }
}
