// The long repetitions: kill sweeps, cold starts, starvation, version lines. Writes docs/soak.md with the figures, the commit and the machine.
//   node test/soak/run.mjs [--runtime process|docker] [--short] [--only sweep,cold,starve,versions] [--mirror HOST:PORT]
// --short repeats each three times and writes nothing: the form that CI runs. Exit 1 when anything was lost or left.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../scripts/setup.mjs'
import { coldStarts } from './cold-starts.mjs'
import { killSweep } from './kill-sweep.mjs'
import { starve } from './starve.mjs'
import { versionLines } from './version-lines.mjs'

const { values: flags } = parseArgs({
  options: {
    runtime: { type: 'string', default: 'process' },
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    mirror: { type: 'string', default: process.env.DEVCLUSTER_TEST_MIRROR },
  },
})
const CLI = join(root, 'dist', 'devcluster.cjs')
const SCENARIOS = { sweep: killSweep, cold: coldStarts, starve, versions: versionLines }

/** What a scenario gets: a home and a folder of its own, and the command line. */
function openSoak() {
  const base = mkdtempSync(join(tmpdir(), 'devcluster-soak-'))
  const dir = join(base, 'project')
  mkdirSync(dir)
  const env = { ...process.env, DEVCLUSTER_HOME: join(base, 'home'), CI: 'true' }
  // This process may hand the folder to the library too.
  process.env.DEVCLUSTER_HOME = env.DEVCLUSTER_HOME
  const set = flags.runtime === 'docker' && flags.mirror ? [`mirrors["docker.io"]=${flags.mirror}`] : []
  return {
    dir,
    short: flags.short,
    runtime: flags.runtime,
    set,
    flags: ['--runtime', flags.runtime, ...set.flatMap((value) => ['--set', value])],
    write: (text) => writeFileSync(join(dir, 'devcluster.yaml'), text),
    cli: (args, killAfterMs) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [CLI, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
        let output = ''
        for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (output += chunk))
        const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
        child.once('error', reject)
        child.once('close', (code, signal) => {
          clearTimeout(timer)
          resolve({ code, signal, output })
        })
      }),
    close: () => rmSync(base, { recursive: true, force: true, maxRetries: 3 }),
  }
}

const rows = []
let failed = false
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (flags.only && !flags.only.split(',').includes(name)) continue
  const soak = openSoak()
  const began = performance.now()
  try {
    const { title, result, bad } = await scenario(soak)
    failed ||= bad.length > 0
    rows.push([title, bad.length === 0 ? result : `FAILED: ${bad.join('; ')}`, `${((performance.now() - began) / 1000).toFixed(0)} s`])
  } catch (error) {
    failed = true
    rows.push([name, `FAILED: ${error instanceof Error ? error.message : String(error)}`, ''])
  } finally {
    await soak.cli(['down'])
    soak.close()
  }
  process.stdout.write(`${rows.at(-1).join(' | ')}\n`)
}
if (!flags.short && !flags.only) {
  const { execFileSync } = await import('node:child_process')
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  const head = `# Soak\n\nLast run of \`npm run soak -- --runtime ${flags.runtime}\`: ${new Date().toISOString().slice(0, 10)}, commit ${commit}, ${cpus().length} cores, Node ${process.versions.node}.\n`
  const table = ['| What | Result | Took |', '|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')
  writeFileSync(join(root, 'docs', flags.runtime === 'process' ? 'soak.md' : `soak-${flags.runtime}.md`), `${head}\n${table}\n`)
}
process.stdout.write(failed ? 'soak: failed\n' : 'soak: all well\n')
process.exitCode = failed ? 1 : 0
