// Runs scenarios on containers where an engine and the images are; says loudly why not elsewhere, and fails when containers are demanded.
import { describe, expect, test } from 'vitest'
import { whyNot } from '../docker/docker-cli.ts'
import type { RuntimeName } from '../helpers/world.ts'

/** `scenarios` with the runtime `docker`, or one test that tells why they cannot run. */
export function onDocker(title: string, scenarios: (runtime: RuntimeName) => void): void {
  const reason = whyNot()
  if (reason === undefined) {
    scenarios('docker')
    return
  }
  describe(`${title} (docker)`, () => {
    if (process.env['DEVCLUSTER_REQUIRE_DOCKER'] === '1')
      test('needs an engine and the stand-in images', () => expect(reason).toBeUndefined())
    else {
      process.stderr.write(`\n*** ${title} on docker SKIPPED: ${reason}\n\n`)
      test.skip(reason, () => undefined)
    }
  })
}
