// The soak run's starvation in its short form: half a core, a third of a minute.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const SOAK = fileURLToPath(new URL('../soak/run.mjs', import.meta.url))

test('three brokers on half a core keep what they acknowledge, and none is fenced', async (context) => {
  const { stdout } = await promisify(execFile)(process.execPath, [SOAK, '--short', '--only', 'starve'], { maxBuffer: 1 << 24 })
  if (stdout.includes('skipped: no cgroup can be made here')) {
    process.stderr.write('\n*** starvation SKIPPED: no cgroup can be made here\n\n')
    context.skip('no cgroup can be made here')
  }
  expect(stdout).toContain('all there')
  expect(stdout).toContain('no broker fenced')
  expect(stdout).toContain('soak: all well')
})
