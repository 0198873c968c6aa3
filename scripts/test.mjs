// Runs every suite that can run on this machine and prints one closing line. Suites that start real servers run one after the other.
// `node scripts/test.mjs unit` runs one of them. Results are kept in .setup/test-results.json.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

const SUITES = ['unit', 'process', 'docker']
const wanted = process.argv.slice(2).filter((arg) => SUITES.includes(arg))
const more = process.argv.slice(2).filter((arg) => !SUITES.includes(arg))

setup()
// Start-up reads every certificate of the bundle on Node 20: kept only where a download may need it.
const env = { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? '0' }
const total = { passed: 0, failed: 0, skipped: 0 }
let broken = false
const began = performance.now()
for (const suite of wanted.length > 0 ? wanted : SUITES) {
  const output = join(root, '.setup', `test-${suite}.json`)
  rmSync(output, { force: true })
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project',
      suite,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${output}`,
      '--passWithNoTests',
      ...more,
    ],
    { cwd: root, stdio: 'inherit', env },
  )
  if (!existsSync(output)) {
    process.stderr.write(`${suite}: the test runner ended with ${status} and wrote no results\n`)
    broken = true
    continue
  }
  const result = JSON.parse(readFileSync(output, 'utf8'))
  total.passed += result.numPassedTests
  total.failed += result.numFailedTests
  total.skipped += result.numPendingTests + (result.numTodoTests ?? 0)
  // A file that fails to load has no tests of its own to count.
  const unloaded = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length
  total.failed += unloaded
  if (status !== 0 && result.numFailedTests + unloaded === 0) total.failed++
}
writeFileSync(join(root, '.setup', 'test-results.json'), JSON.stringify(total))
process.stderr.write(`tests took ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`)
process.exitCode = broken || total.failed > 0 || total.passed === 0 ? 1 : 0
