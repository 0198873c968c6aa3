// The engine by its command line: is there one, which images, what a container did when. Everything of this run carries the label devcluster.bench.
import { run, timed } from './process.mjs'

export const LABEL = 'devcluster.bench'

export async function docker(env, ...args) {
  return (await run('docker', args, { env })).out.trim()
}

/** Version of the engine, or undefined. */
export async function engineVersion(env) {
  const answer = await timed('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeoutMs: 10_000 }).catch(() => undefined)
  return answer?.code === 0 ? answer.out.trim() : undefined
}

/**
 * The image under its official name, or the stand-in of a registry on loopback that was built for tests.
 * @returns {Promise<{ ref: string, mirror?: string, origin: string } | undefined>}
 */
export async function findImage(env, name) {
  const repository = name.includes('/') ? name : `library/${name}`
  const listed = (await docker(env, 'images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
  const prefix = env.DEVCLUSTER_TEST_MIRROR
  const mirrored = prefix
    ? `${prefix}/${repository}`
    : listed.find((ref) => /^(127\.0\.0\.1|localhost):\d+\//.test(ref) && ref.endsWith(`/${repository}`))
  if (mirrored) {
    if (!listed.includes(mirrored)) await run('docker', ['pull', '-q', mirrored], { env, timeoutMs: 300_000 })
    const mirror = mirrored.slice(0, mirrored.length - repository.length - 1)
    return { ref: mirrored, mirror, origin: await describe(env, mirrored) }
  }
  if (listed.includes(name)) return { ref: name, origin: await describe(env, name) }
  return undefined
}

async function describe(env, ref) {
  const [standIn, id, os] = (
    await docker(env, 'image', 'inspect', '--format', '{{index .Config.Labels "devcluster.standin"}}|{{.Id}}|{{.Architecture}}', ref)
  ).split('|')
  const kind = standIn === 'true' ? 'stand-in built from packages and Maven artifacts, with the official start sequence' : 'as pulled'
  return `${ref.replace(/^(127\.0\.0\.1|localhost):\d+\//, '')} (${kind}; ${id.slice(7, 19)}, ${os})`
}

/** Key of `mirrors:` for an image reference. */
export const mirrorsOf = (image) => (image.mirror ? { 'docker.io': image.mirror } : {})

/** Log lines of a container with their times, epoch ms. */
async function logOf(env, container) {
  const { out, err } = await timed('docker', ['logs', '--timestamps', container], { env })
  return `${out}${err}`
    .split('\n')
    .flatMap((line) => {
      const at = Date.parse(line.slice(0, line.indexOf(' ')))
      return Number.isNaN(at)
        ? []
        : [{ at: at + Number(`0.${/\.\d{3}(\d*)Z/.exec(line)?.[1] || 0}`), text: line.slice(line.indexOf(' ') + 1) }]
    })
    .sort((a, b) => a.at - b.at)
}

/**
 * Where a Kafka container spent its time, ms: engine (create to start), wrapper and format (start to the server's JVM), server (to its last start line).
 * The JVM's begin is its start time within the container, as the kernel knows it.
 */
export async function kafkaTimes(env, container) {
  const [created, started, pid] = (
    await docker(env, 'inspect', '--format', '{{.Created}}|{{.State.StartedAt}}|{{.State.Pid}}', container)
  ).split('|')
  const log = await logOf(env, container)
  const begin = Date.parse(started)
  const setup = log.find(({ text }) => text.startsWith('===> Using provided cluster id'))?.at
  const firstOfServer = log.find(({ at, text }) => at > (setup ?? 0) && /INFO|Registered|MBean/.test(text))?.at
  const ready = log.find(({ text }) => /Kafka Server started/.test(text))?.at
  return {
    pid: Number(pid),
    engineMs: begin - Date.parse(created),
    ...(firstOfServer === undefined ? {} : { beforeServerMs: firstOfServer - begin }),
    ...(ready === undefined || firstOfServer === undefined ? {} : { serverMs: ready - firstOfServer }),
    ...(ready === undefined ? {} : { readyAt: ready }),
  }
}

/** The JVM of a container as a process of this machine. */
export async function javaOf(env, container) {
  const lines = (await docker(env, 'top', container, '-eo', 'pid,comm')).split('\n')
  const pids = lines.filter((line) => line.endsWith(' java')).map((line) => Number.parseInt(line, 10))
  if (pids.length !== 1) throw new Error(`container ${container} has ${pids.length} java processes`)
  return pids[0]
}

/** Takes away what carries this run's label. */
export async function removeLabelled(env, id) {
  const filter = ['--filter', `label=${LABEL}=${id}`]
  const ids = async (...args) => (await docker(env, ...args)).split('\n').filter(Boolean)
  const containers = await ids('ps', '-aq', ...filter)
  if (containers.length > 0) await docker(env, 'rm', '-fv', ...containers)
  const networks = await ids('network', 'ls', '-q', ...filter)
  if (networks.length > 0) await docker(env, 'network', 'rm', ...networks)
  const volumes = await ids('volume', 'ls', '-q', ...filter)
  if (volumes.length > 0) await docker(env, 'volume', 'rm', '-f', ...volumes)
}
