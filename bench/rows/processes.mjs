// Rows 1a, 1b: our `up` as a whole process against the same java processes started by a script, both judged from outside.

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, range } from '../lib/ports.mjs'
import { commandLine, epoch, identify, killHard, sleep } from '../lib/process.mjs'
import { beside, judge, sidesTable } from '../lib/report.mjs'
import { interleave, noiseNote, pick } from '../lib/samples.mjs'
import { ratios } from '../lib/stats.mjs'

/** Where a missed bar comes from; `up --timings` counts from the end of the plan. */
const WHY =
  'before Java begins, Node, our own files, the plan and the supervisor, most of which loads meanwhile, take what is missed; a broker with a start-up archive needs little more than a second itself'

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`

/** Rewrites every file below a folder. */
function rewrite(dir, change) {
  for (const entry of readdirSync(dir, { recursive: true })) {
    const path = join(dir, String(entry))
    if (!statSync(path).isFile() || path.endsWith('.checkpoint')) continue
    writeFileSync(path, change(readFileSync(path, 'utf8')))
  }
}

/**
 * The same nodes without us: what a running cluster of ours was started with, moved into another folder, as a shell script.
 * @returns {Promise<() => Promise<{ begin: number, end: () => Promise<void> }>>}
 */
async function bareCopy(context, name, file) {
  const { devcluster } = context
  const state = devcluster.stateDir(name)
  const commands = Object.fromEntries(Object.entries(devcluster.pids(name)).map(([node, pid]) => [node, commandLine(pid)]))
  const rendered = join(context.work, `${name}-rendered`)
  await devcluster.cli(['render', rendered, '-f', file])
  const bare = join(context.work, `${name}-bare`)
  const moved = (text) => text.replaceAll(state, bare)
  const template = join(context.work, `${name}-template`)
  for (const node of Object.keys(commands)) {
    cpSync(join(rendered, node, 'config'), join(template, 'nodes', node, 'config'), { recursive: true })
    mkdirSync(join(template, 'data', node), { recursive: true })
    cpSync(join(rendered, node, 'data'), join(template, 'data', node), { recursive: true })
    mkdirSync(join(template, 'logs', node), { recursive: true })
  }
  rewrite(template, moved)
  const lines = Object.entries(commands).map(
    ([node, argv]) => `${argv.map((arg) => quote(moved(arg))).join(' ')} > ${quote(join(bare, 'logs', `${node}.log`))} 2>&1 & echo $!`,
  )
  const script = join(context.work, `${name}-bare.sh`)
  writeFileSync(script, `#!/bin/sh\n${lines.join('\n')}\n`)
  return async () => {
    rmSync(bare, { recursive: true, force: true })
    cpSync(template, bare, { recursive: true })
    const out = join(bare, 'pids')
    const begin = epoch()
    const shell = spawn('sh', [script], {
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
      cwd: bare,
      stdio: ['ignore', openSync(out, 'w'), 'inherit'],
    })
    await new Promise((resolve, reject) => shell.once('error', reject).once('exit', resolve))
    const all = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((pid) => identify(Number(pid)))
    const end = async () => {
      await Promise.all(all.map(killHard))
    }
    context.later(end)
    return { begin, end }
  }
}

async function compare(context, { name, brokers, n }) {
  const { devcluster, judge: judgement } = context
  const first = await freePorts(brokers)
  const ports = range(first, brokers)
  const file = devcluster.file(name, { runtime: 'process', services: { kafka: { version: '4.3', brokers, port: first } } })
  const archive = await devcluster.warm(`kafka-${brokers > 1 ? 'dedicated' : 'combined'}`, file, name)
  await devcluster.cli(['up', '-f', file])
  const bare = await bareCopy(context, name, file)
  await devcluster.cli(['down', '-f', file])
  const measured = await interleave(context, n, {
    async ours() {
      const usable = judgement.watch({ kind: 'kafka', ports })
      const up = await devcluster.cli(['up', '-f', file])
      const usableMs = (await usable) - up.spawnedAt
      const down = await devcluster.cli(['down', '-f', file])
      return { usableMs, returnMs: up.ms, downMs: down.ms }
    },
    async bare() {
      const usable = judgement.watch({ kind: 'kafka', ports })
      const { begin, end } = await bare()
      const usableMs = (await usable) - begin
      await end()
      await sleep(100)
      return { usableMs }
    },
  })
  return { ...measured, archive }
}

function row({ id, title, name, brokers, bar }) {
  return {
    id,
    title,
    async run(context) {
      const { results, archive, ...noise } = await compare(context, { name, brokers, n: context.quick ? 3 : 7 })
      const [ours, bare] = [pick(results.ours, 'usableMs'), pick(results.bare, 'usableMs')]
      const returned = pick(results.ours, 'returnMs')
      const late = results.ours.map(({ usableMs, returnMs }) => returnMs - usableMs)
      return {
        tables: [
          sidesTable({
            'devcluster up, until the prober sees it usable': ours,
            'bare java processes, until the prober sees them usable': bare,
            'devcluster up, until the command has ended (coordinator proven too)': returned,
            'its end after the prober': late,
            'devcluster down (whole process, nothing kept)': pick(results.ours, 'downMs'),
          }),
        ],
        judged: [
          judge(`${title}: usable`, ratios(ours, bare), { bar, why: WHY }),
          beside('the same until the command has ended, which also proves the group coordinator', ratios(returned, bare)),
        ],
        notes: [
          'Both begin with the start of one program (node; sh) and end when every broker lists all brokers to a prober in a process of its own. Same command lines, files, ports and start-up archive; the files of the bare side lie there before its clock begins.',
          `Kafka 4.3.1 from Maven artifacts; start-up archive in use: ${archive ? 'yes, on both sides' : 'no, on neither side'}.`,
          noiseNote(noise),
        ],
      }
    },
  }
}

export const rows = [
  row({ id: '1a', title: 'Processes: one broker', name: 'bench-one', brokers: 1, bar: 1.15 }),
  row({ id: '1b', title: 'Processes: three brokers and a controller', name: 'bench-three', brokers: 3, bar: 1.3 }),
]
