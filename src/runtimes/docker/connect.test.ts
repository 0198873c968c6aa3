// Who answers at an address, by its first answer. Addresses are chosen in endpoint.test.ts, real engines are in test/docker.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDockerRuntime } from './index.ts'

/** Runs with a server that answers every request with these headers. */
async function answering<T>(
  headers: Readonly<Record<string, string>>,
  work: (runtime: ReturnType<typeof createDockerRuntime>) => Promise<T>,
) {
  const dir = mkdtempSync(join(tmpdir(), 'devcluster-connect-'))
  const server = createServer((_, answer) => answer.writeHead(200, headers).end('OK'))
  await new Promise<void>((resolve) => server.listen(join(dir, 'engine.sock'), resolve))
  try {
    return await work(
      createDockerRuntime({ surroundings: () => ({ env: { DOCKER_HOST: `unix://${dir}/engine.sock` }, home: dir, uid: 1 }) }),
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
    rmSync(dir, { recursive: true, force: true })
  }
}

test('podman is known, with its version, by its first answer alone', async () => {
  const headers = { 'Api-Version': '1.41', 'Libpod-Api-Version': '4.3.1' }
  const { description, remote } = await answering(headers, (runtime) => runtime.check(AbortSignal.timeout(5_000)))
  expect(description).toMatch(/^Podman 4\.3\.1 \(linux\) at unix:/)
  expect(remote).toBe(false)
})

test('what answers without saying which API it speaks is no engine', async () => {
  await expect(answering({}, (runtime) => runtime.check(AbortSignal.timeout(5_000)))).rejects.toMatchObject({
    code: 'RUNTIME_UNAVAILABLE',
    message: expect.stringContaining('what answers there is no container engine'),
  })
})
