import { describe, expect, test } from 'vitest'
import { lifeScenarios } from '../scenarios/life.ts'
import { whyNot } from './docker-cli.ts'

const reason = whyNot()
if (reason === undefined) lifeScenarios('docker')
else
  describe('the life of a cluster (docker)', () => {
    if (process.env['DEVCLUSTER_REQUIRE_DOCKER'] === '1')
      test('needs an engine and the stand-in images', () => expect(reason).toBeUndefined())
    else test.skip(reason, () => undefined)
  })
