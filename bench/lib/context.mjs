// What every row gets: folders, environments, peers, images, and a way to clean up whatever happens.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, homedir, release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findCompose } from './compose.mjs'
import { makeDevcluster } from './devcluster.mjs'
import { engineVersion, findImage, removeLabelled } from './docker.mjs'
import { startJudge } from './judge.mjs'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Nothing of the caller's may tune a side: no service settings, and not the extra certificates, which cost Node 20 some 85 ms per start. */
function cleanEnv(env, home) {
  const kept = Object.entries(env).filter(
    ([key]) =>
      !/^(KAFKA_|ZOO|JAVA_TOOL|JDK_JAVA|_JAVA|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|DEVCLUSTER_HOME|TESTCONTAINERS_|COMPOSE_)/.test(key),
  )
  return { ...Object.fromEntries(kept), DEVCLUSTER_HOME: home, CI: '1', NO_COLOR: '1' }
}

function firstLine(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      .trim()
      .split('\n')[0]
  } catch {
    return undefined
  }
}

export async function makeContext({ quick, dist, patienceMs, say }) {
  const work = mkdtempSync(join(tmpdir(), 'devcluster-bench-'))
  const home = join(work, 'home')
  mkdirSync(home)
  const id = `${Date.now().toString(36)}${process.pid.toString(36)}`
  const env = cleanEnv(process.env, home)
  const fetchEnv = {
    ...process.env,
    ...env,
    ...(process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS } : {}),
  }
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'devcluster-bench')
  mkdirSync(cache, { recursive: true })
  const engine = await engineVersion(env)
  const compose = engine ? await findCompose(cache, env, fetchEnv) : { missing: 'no container engine answers' }
  const devcluster = makeDevcluster({ dist, home, work, env, fetchEnv, say })
  const images = engine ? { kafka: await findImage(env, 'apache/kafka:4.3.1'), zookeeper: await findImage(env, 'zookeeper:3.9.4') } : {}
  const judge = startJudge(env)
  const undo = []
  /** What a row may have left: clusters of our home, containers of the peers. */
  const sweep = async () => {
    await devcluster.removeAll()
    if (engine) await removeLabelled(env, id)
  }
  return {
    id,
    quick,
    patienceMs,
    say,
    work,
    home,
    cache,
    env,
    fetchEnv,
    dist,
    engine,
    compose,
    images,
    judge,
    devcluster,
    /** Registers what must be taken back even when a row fails; called in reverse order. */
    later: (action) => undo.push(action),
    sweep,
    async cleanUp() {
      for (const action of undo.reverse()) await Promise.resolve(action()).catch((error) => say(`clean-up: ${error.message}`))
      await sweep()
      judge.stop()
      rmSync(work, { recursive: true, force: true })
    },
    machine: {
      processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} logical processors, ${Math.round(totalmem() / 2 ** 30)} GB`,
      system: `Linux ${release()}`,
      node: process.version,
      java: firstLine('sh', ['-c', 'java -version 2>&1']) ?? 'fetched by devcluster',
      engine: engine ?? 'none',
      compose: compose.version ?? `none (${compose.missing})`,
      commit: firstLine('git', ['-C', root, 'rev-parse', '--short', 'HEAD']) ?? 'unknown',
    },
  }
}

/** Why a row of containers cannot run here, or undefined. */
export function lacksContainers(context, { image, compose = false }) {
  if (!context.engine) return 'no container engine answers'
  if (!context.images[image]) return `no image of ${image} and no registry with stand-ins (.ci/run --images-only makes one)`
  if (compose && !context.compose.command) return context.compose.missing
  return undefined
}
