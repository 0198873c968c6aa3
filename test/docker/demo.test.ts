// The demonstration on containers, as a newcomer with an engine runs it; with the stand-in images where the official ones cannot be pulled.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { mirror, whyNot } from './docker-cli.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const reason = whyNot()

describe('the demonstration (docker)', () => {
  test.skipIf(reason !== undefined && process.env['DEVCLUSTER_REQUIRE_DOCKER'] !== '1')(
    'reads back every record it seeded, and removes itself',
    async () => {
      expect(reason).toBeUndefined()
      const home = mkdtempSync(join(tmpdir(), 'devcluster-demo-'))
      try {
        const { stdout } = await promisify(execFile)(
          'npm',
          ['run', 'demo', '--', '--runtime', 'docker', '--set', `mirrors["docker.io"]=${mirror}`],
          {
            cwd: root,
            env: { ...process.env, DEVCLUSTER_HOME: home },
            maxBuffer: 1 << 24,
          },
        )
        expect(stdout).toContain('11943 seeded records went in, 11943 came out; 1000 more were produced, 1000 consumed')
      } finally {
        rmSync(home, { recursive: true, force: true })
      }
    },
  )
})
