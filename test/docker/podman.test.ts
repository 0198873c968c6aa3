// The docker runtime on Podman's socket: what every runtime owes, and the quickstart. Podman is the test's own; the machine's is left alone.
import { homedir } from 'node:os'
import { afterAll, describe, expect, test } from 'vitest'
import { createDockerRuntime } from '../../src/runtimes/docker/index.ts'
import { containerWorld } from '../conformance/container-world.ts'
import { describeRuntime } from '../conformance/describe-runtime.ts'
import { podmanForTests } from '../helpers/podman.ts'
import { onDocker } from '../scenarios/on-docker.ts'
import { quickstartScenarios } from '../scenarios/quickstart.ts'

const podman = await podmanForTests()

if (podman) {
  const { address, connection } = podman
  const before = process.env['DOCKER_HOST']
  // The command line and the judging clients find it as a user's would.
  process.env['DOCKER_HOST'] = address
  afterAll(async () => {
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
    await podman.stop()
  })

  test('it is named with its version', async () => {
    const runtime = createDockerRuntime({ surroundings: () => ({ env: { DOCKER_HOST: address }, home: homedir(), uid: 0 }) })
    const { description } = await runtime.check(AbortSignal.timeout(10_000))
    expect(description).toMatch(/^Podman \d+\.\d+\.\d+\S* \(linux\) at unix:/)
  })
  describeRuntime('podman', () => containerWorld(connection, () => createDockerRuntime()), { real: true })
  onDocker('the quickstart on podman', quickstartScenarios)
} else
  describe('runtime podman', () => {
    test.skip('podman is not here', () => undefined)
  })
