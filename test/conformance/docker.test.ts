// The docker runtime: what every runtime owes, on a real engine. What only containers can get wrong is in test/docker.
import { describe, it } from 'vitest'
import { createDockerRuntime } from '../../src/runtimes/docker/index.ts'
import { engineForTests } from '../helpers/engine.ts'
import { containerWorld } from './container-world.ts'
import { describeRuntime } from './describe-runtime.ts'

const connection = await engineForTests()
if (connection) describeRuntime('docker', () => containerWorld(connection, () => createDockerRuntime()), { real: true })
else
  describe('runtime docker', () => {
    it.skip('no container engine answers', () => undefined)
  })
