// The long repetitions: kill sweep, cold starts, up/down cycles, starvation, version lines. Writes docs/soak.md: figures, date, commit, machine per row.
//   node test/soak/run.mjs [--runtime process|docker] [--only sweep,cold,cycles,starve,versions] [--rounds N] [--minutes N] [--mirror HOST:PORT]
//                          [--short]
// --rounds and --minutes replace each scenario's own measure. --short repeats each three times and writes nothing: the form for CI.
// Rows of scenarios that did not run stay as they were. Exit 1 when anything was lost, left behind, or not ready.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../scripts/setup.mjs'
import { coldStarts } from './cold-starts.mjs'
import { cycles } from './cycles.mjs'
import { killSweep } from './kill-sweep.mjs'
import { starve } from './starve.mjs'
import { versionLines } from './version-lines.mjs'

const { values: flags } = parseArgs({
  options: {
    runtime: { type: 'string', default: 'process' },
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    mirror: { type: 'string', default: process.env.DEVCLUSTER_TEST_MIRROR },
  },
})
const CLI = join(root, 'dist', 'devcluster.cjs')
const PAGE = join(root, 'docs', 'soak.md')
const SCENARIOS = { sweep: killSweep, cold: coldStarts, cycles, starve, versions: versionLines }
const HEAD = ['Scenario', 'Runtime', 'What', 'Result', 'Took', 'When', 'Commit', 'Machine']

/** What a scenario gets: a home and a folder of its own, and the command line. */
function openSoak() {
  const base = mkdtempSync(join(tmpdir(), 'devcluster-soak-'))
  const dir = join(base, 'project')
  const home = join(base, 'home')
  mkdirSync(dir)
  const env = { ...process.env, DEVCLUSTER_HOME: home, CI: 'true' }
  // This process hands the folder to the library too.
  process.env.DEVCLUSTER_HOME = home
  const set = flags.runtime === 'docker' && flags.mirror ? [`mirrors["docker.io"]=${flags.mirror}`] : []
  return {
    dir,
    home,
    runtime: flags.runtime,
    short: flags.short,
    set,
    flags: ['--runtime', flags.runtime, ...set.flatMap((value) => ['--set', value])],
    /** Repetitions: three in the short form. */
    rounds: (wanted) => (flags.rounds ? Number(flags.rounds) : flags.short ? 3 : wanted),
    minutes: (wanted) => (flags.minutes ? Number(flags.minutes) : flags.short ? 1 / 3 : wanted),
    write: (text) => writeFileSync(join(dir, 'devcluster.yaml'), text),
    cli: (args, killAfterMs) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [CLI, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
        let output = ''
        let stdout = ''
        child.stdout.setEncoding('utf8').on('data', (chunk) => {
          stdout += chunk
          output += chunk
        })
        child.stderr.setEncoding('utf8').on('data', (chunk) => (output += chunk))
        const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
        child.once('error', reject)
        child.once('close', (code, signal) => {
          clearTimeout(timer)
          resolve({ code, signal, output, stdout })
        })
      }),
    close: () => rmSync(base, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** The page's rows by scenario and runtime. */
function storedRows() {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.slice(2, -2).split(' | '))
  return new Map(rows.filter((row) => row.length === HEAD.length).map((row) => [`${row[1]} ${row[0]}`, row]))
}

function writePage(rows) {
  const text = `# Soak

The last result of every row of \`npm run soak -- [--runtime docker] [--only ${Object.keys(SCENARIOS).join(',')}]\`; written by it.

| ${HEAD.join(' | ')} |
|${HEAD.map(() => '---').join('|')}|
${[...rows.values()].map((row) => `| ${row.join(' | ')} |`).join('\n')}
`
  writeFileSync(PAGE, text)
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
}

const machine = `${cpus().length} cores, Node ${process.versions.node}`
let failed = false
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (flags.only && !flags.only.split(',').includes(name)) continue
  const soak = openSoak()
  const began = performance.now()
  let outcome
  try {
    outcome = await scenario(soak)
  } catch (error) {
    outcome = { title: name, result: '', bad: [error instanceof Error ? (error.stack ?? error.message) : String(error)] }
  } finally {
    await soak.cli(['down'])
    soak.close()
  }
  const { title, result, bad } = outcome
  failed ||= bad.length > 0
  const told = bad.length === 0 ? result : `FAILED: ${bad.join('; ')}`
  const took = `${((performance.now() - began) / 1000).toFixed(0)} s`
  process.stdout.write(`${name} | ${title} | ${told} | ${took}\n`)
  if (flags.short) continue
  const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src', 'templates') === '' ? '' : ' and changes')
  const row = [name, flags.runtime, title, told, took, new Date().toISOString().slice(0, 10), commit, machine]
  const rows = storedRows()
  rows.set(
    `${flags.runtime} ${name}`,
    row.map((cell) => cell.replaceAll('|', '/').replaceAll(/\s+/g, ' ')),
  )
  writePage(rows)
}
process.stdout.write(failed ? 'soak: failed\n' : 'soak: all well\n')
process.exitCode = failed ? 1 : 0
