// What CI checks beside tests: generated files, format, lint, types, dead code, package shape. Runs all of them and names those that fail.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const bin = (name) => join(root, 'node_modules', '.bin', name)
const CHECKS = [
  ['generated files are fresh', process.execPath, ['scripts/generate.mjs', '--check']],
  ['format', bin('biome'), ['ci', '--diagnostic-level=error', '.']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['dead code', bin('knip'), []],
  ['package', bin('publint'), ['--strict']],
  ['package types', bin('attw'), ['--pack', '.', '--profile', 'esm-only', '--exclude-entrypoints', './schema.json']],
]
const failed = []
for (const [name, command, args] of CHECKS) {
  const began = performance.now()
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stderr.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${String(name)} (${seconds} s)\n`)
  if (status === 0) continue
  failed.push(name)
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}\n`)
}
process.stdout.write(failed.length === 0 ? 'all checks pass\n' : `failed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
