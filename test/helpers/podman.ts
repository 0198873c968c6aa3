// A private Podman for tests: its storage, networks, locks and socket lie in a folder of their own, so that the machine's Podman, if it has one,
// sees nothing of it. Root only: a rootless one needs more of the machine than its package.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect } from '../../src/runtimes/docker/connect.ts'
import { mirror } from '../docker/docker-cli.ts'
import { canMakeToyImage } from './toy-image.ts'

export interface Podman {
  /** For DOCKER_HOST. */
  readonly address: string
  readonly connection: Connection
  /** Ends the service and removes its folder. Containers and networks are to be gone by then. */
  stop(): Promise<void>
}

/** Settings of containers.conf(5) that the product's documentation asks for, and those that keep this Podman apart from others. */
const settings = (dir: string) => `
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "${dir}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "${dir}/networks"
`

function whyNot(): string | undefined {
  if (!canMakeToyImage()) return 'the toy image is made from a Linux machine’s own programs'
  if (process.getuid?.() !== 0) return 'a private Podman needs root'
  try {
    execFileSync('podman', ['--version'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'podman is not installed'
  }
}

async function answers(address: string, service: ChildProcess, log: string): Promise<Connection> {
  const surroundings = { env: { DOCKER_HOST: address }, home: '/nonexistent', uid: 0 }
  const deadline = performance.now() + 20_000
  for (;;) {
    try {
      return await connect(surroundings, undefined)
    } catch (error) {
      const ended = service.exitCode !== null || service.signalCode !== null
      if (ended || performance.now() > deadline) throw new Error(`podman does not answer: ${readFileSync(log, 'utf8')}`, { cause: error })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Where its storage is mounted onto itself; below nothing else is mounted once its containers are gone. */
function unmountAll(dir: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  for (const line of mounts.reverse()) {
    const path = line.split(' ')[1] ?? ''
    if (path.startsWith(`${dir}/`)) execFileSync('umount', [path])
  }
}

/** A service of its own, or undefined where the suite is to be skipped. @throws when DEVCLUSTER_REQUIRE_PODMAN=1 and there can be none. */
export async function podmanForTests(): Promise<Podman | undefined> {
  const reason = whyNot()
  if (reason !== undefined) {
    if (process.env['DEVCLUSTER_REQUIRE_PODMAN'] === '1') throw new Error(reason)
    process.stderr.write(`\n*** podman suites SKIPPED: ${reason}\n\n`)
    return undefined
  }
  const dir = mkdtempSync(join(tmpdir(), 'devcluster-podman-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const env = {
    ...process.env,
    CONTAINERS_CONF: file('containers.conf', settings(dir)),
    CONTAINERS_REGISTRIES_CONF: file('registries.conf', mirror ? `[[registry]]\nlocation = "${mirror}"\ninsecure = true\n` : ''),
  }
  const log = file('log', '')
  const output = openSync(log, 'a')
  const address = `unix://${dir}/podman.sock`
  const storage = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run')]
  // In its own folder: old ones leave notes about containers where they were started.
  const service = spawn('podman', [...storage, 'system', 'service', '--time=0', address], {
    cwd: dir,
    env,
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const stop = async () => {
    if (service.exitCode === null && service.signalCode === null) {
      const ended = once(service, 'exit')
      service.kill('SIGTERM')
      await ended
    }
    unmountAll(dir)
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    return { address, connection: await answers(address, service, log), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
