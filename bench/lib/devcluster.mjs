// Our side: the built command line in a private home, cluster files of this run, and start-up archives that are there before anything is timed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { commandLine, run, sleep, timed } from './process.mjs'

const ARCHIVE_WITHIN_MS = 300_000

/** @param {{ dist: string, home: string, work: string, env: NodeJS.ProcessEnv, fetchEnv: NodeJS.ProcessEnv, say: (line: string) => void }} context */
export function makeDevcluster({ dist, home, work, env, fetchEnv, say }) {
  const main = join(dist, 'devcluster.cjs')
  const cache = env.DEVCLUSTER_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'devcluster')
  const warmed = new Map()

  /** Writes a cluster file into a folder of its own. @returns its path */
  function file(name, cluster) {
    const dir = join(work, name)
    mkdirSync(dir, { recursive: true })
    const path = join(dir, 'devcluster.json')
    writeFileSync(path, JSON.stringify({ name, ...cluster }, null, 2))
    return path
  }

  const cli = (args, options = {}) => run(process.execPath, [main, ...args], { env, ...options })

  /** Folder of the state of the cluster with this name; there is at most one per name in our home. */
  function stateDir(name) {
    const clusters = join(home, 'clusters')
    const id = readdirSync(clusters).find((entry) => entry.startsWith(`${name}-`) && existsSync(join(clusters, entry, 'cluster.json')))
    if (!id) throw new Error(`no state of ${name}`)
    return join(clusters, id)
  }

  /** pid by node of a cluster of processes. */
  function pids(name) {
    const nodes = join(stateDir(name), 'nodes')
    return Object.fromEntries(
      readdirSync(nodes).map((node) => [node, JSON.parse(readFileSync(join(nodes, node, 'record.json'), 'utf8')).pid]),
    )
  }

  const usesArchive = (pid) => commandLine(pid).some((arg) => /^-XX:(SharedArchiveFile|AOTCache)=/.test(arg))

  /** Downloads what is missing and has the archives made, as a second start would find them. @returns whether they are in use */
  function warm(key, path, name) {
    if (!warmed.has(key)) warmed.set(key, makeWarm(path, name))
    return warmed.get(key)
  }

  async function makeWarm(path, name) {
    const until = performance.now() + ARCHIVE_WITHIN_MS
    let again = false
    for (;;) {
      await cli(['up', '-f', path], { env: fetchEnv })
      const all = Object.values(pids(name)).every(usesArchive)
      if (all || performance.now() > until) {
        await cli(['down', '-f', path])
        return all
      }
      say(again ? '  waiting for start-up archives again' : '  waiting for start-up archives to be made')
      again = true
      const archives = join(cache, 'archives')
      const made = () => readdirSync(archives).filter((entry) => /\.(jsa|aot)$/.test(entry)).length
      const busy = () => readdirSync(archives).some((entry) => entry.startsWith('.training-'))
      const before = existsSync(archives) ? made() : 0
      // The job begins after `up` has returned; it is over when the folder has grown and nobody works in it.
      while (performance.now() < until && (!existsSync(archives) || made() === before || busy())) await sleep(250)
      await cli(['down', '-f', path])
    }
  }

  /** Removes whatever clusters our home still knows. */
  async function removeAll() {
    if (!existsSync(join(home, 'clusters'))) return
    for (const id of readdirSync(join(home, 'clusters')))
      await timed(process.execPath, [main, 'down', '--id', id], { env, timeoutMs: 60_000 })
  }

  return {
    cli,
    file,
    stateDir,
    pids,
    warm,
    removeAll,
  }
}
