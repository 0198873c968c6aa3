// Docker Compose v2 as a peer: the installed plug-in, else Debian trixie's package unpacked into the cache by apt with a state of its own
// (the machine's apt is not touched; mirrors are the machine's own). Also the project files of the rows.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LABEL } from './docker.mjs'
import { run, timed } from './process.mjs'

const SUITE = 'trixie'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const PACKAGE = 'docker-compose'

/** The same archives as the machine's, another suite; no address is written into this program. */
function sourcesFor(suite) {
  const lines = []
  for (const file of ['/etc/apt/sources.list', ...partsOf('/etc/apt/sources.list.d')]) {
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    const uris = [...text.matchAll(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+/gm), ...text.matchAll(/^URIs:\s*(\S+)/gim)].map(
      ([, uri]) => uri,
    )
    lines.push(...uris)
  }
  const base = lines.find((uri) => /\/debian\/?$/.test(uri)) ?? lines[0]
  return base && existsSync(KEYRING) ? `deb [signed-by=${KEYRING}] ${base} ${suite} main\n` : undefined
}

const partsOf = (dir) => (existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [])

async function fetchPackage(cache, env) {
  const target = join(cache, 'compose')
  const program = join(target, 'docker-compose')
  if (existsSync(program)) return program
  const sources = sourcesFor(SUITE)
  if (!sources) throw new Error('the machine has no apt sources of Debian with their keyring')
  const work = join(cache, 'compose-apt')
  rmSync(work, { recursive: true, force: true })
  for (const dir of ['lists/partial', 'archives/partial', 'parts', 'unpacked']) mkdirSync(join(work, dir), { recursive: true })
  writeFileSync(join(work, 'sources.list'), sources)
  const options = [
    `Dir::Etc::sourcelist=${join(work, 'sources.list')}`,
    `Dir::Etc::sourceparts=${join(work, 'parts')}`,
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${work}`,
    'Dir::Cache::archives=archives',
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option])
  await run('apt-get', [...options, '-qq', 'update'], { env, cwd: work })
  await run('apt-get', [...options, '-qq', 'download', `${PACKAGE}/${SUITE}`], { env, cwd: work })
  const deb = readdirSync(work).find((name) => name.endsWith('.deb'))
  if (!deb) throw new Error(`apt-get downloaded no ${PACKAGE}`)
  await run('dpkg', ['-x', join(work, deb), join(work, 'unpacked')], { env })
  const found = ['usr/libexec/docker/cli-plugins/docker-compose', 'usr/bin/docker-compose']
    .map((path) => join(work, 'unpacked', path))
    .find(existsSync)
  if (!found) throw new Error(`the package ${PACKAGE} has no program`)
  mkdirSync(target, { recursive: true })
  copyFileSync(found, program)
  chmodSync(program, 0o755)
  rmSync(work, { recursive: true, force: true })
  return program
}

/** @returns {Promise<{ command: string[], version: string } | { missing: string }>} */
export async function findCompose(cache, env, fetchEnv) {
  const version = async (command) => {
    const answer = await timed(command[0], [...command.slice(1), 'version', '--short'], { env, timeoutMs: 20_000 }).catch(() => undefined)
    return answer?.code === 0 ? answer.out.trim().replace(/^v/, '') : undefined
  }
  const plugin = await version(['docker', 'compose'])
  if (plugin?.startsWith('2')) return { command: ['docker', 'compose'], version: plugin }
  try {
    const program = await fetchPackage(cache, fetchEnv)
    const found = (await version([program, 'compose'])) ?? (await version([program]))
    const command = (await version([program])) === undefined ? [program, 'compose'] : [program]
    return found ? { command, version: found } : { missing: 'the fetched Docker Compose does not run' }
  } catch (error) {
    return { missing: `no Docker Compose v2 (${error.message.split('\n')[0]})` }
  }
}

/** A project in a folder of its own; every object gets this run's label. */
export function composeProject(context, name, { services }) {
  const dir = join(context.work, `compose-${name}`)
  mkdirSync(dir, { recursive: true })
  const labels = { [LABEL]: context.id }
  const file = join(dir, 'compose.json')
  const project = {
    name: `devcluster-bench-${context.id}-${name}`,
    services: Object.fromEntries(Object.entries(services).map(([key, service]) => [key, { ...service, labels }])),
    networks: { default: { labels } },
  }
  writeFileSync(file, JSON.stringify(project, null, 2))
  const [program, ...first] = context.compose.command
  const call = (...args) => run(program, [...first, '-f', file, ...args], { env: context.env })
  return {
    up: () => call('up', '-d', '--wait'),
    down: () => call('down', '-v', '-t', '10'),
    id: async (service) => (await call('ps', '-q', service)).out.trim(),
  }
}
