// Builds the stand-in images and pushes them to a registry on loopback; what the registry already holds, made by the same recipe, is left alone.
//   node test/standin/build.mjs --registry 127.0.0.1:5000 --cache DIR [kafka:4.3.1 kafka:3.9.2 zookeeper:3.9.4 toy:1]
// Images exist in the engine's store only under the registry's prefix, and only until they are pushed: users of the mirror pull.
// Needs: docker client and engine, mmdebstrap, node_modules (for downloads). Starts no engine and no registry.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fetchArtifacts, jarName } from './artifacts.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { registry: { type: 'string' }, cache: { type: 'string' } },
})
const { registry, cache } = options
if (!registry || !cache) throw new Error('usage: node test/standin/build.mjs --registry HOST:PORT --cache DIR [kind:version ...]')
const wanted = positionals.length > 0 ? positionals : ['kafka:4.3.1', 'kafka:3.9.2', 'zookeeper:3.9.4', 'toy:1']

/** Repository below the mirror: official images live in `library/`. */
const repositories = { kafka: 'apache/kafka', zookeeper: 'library/zookeeper', toy: 'devcluster-test/toy' }

/** One root file system for all images: one apt transaction, one layer. */
const base = {
  suite: 'bookworm',
  variant: 'essential',
  packages: ['openjdk-17-jre-headless', 'gosu', 'procps', 'hostname', 'netcat-openbsd', 'wget', 'ca-certificates'],
  left: ['doc', 'man', 'locale', 'info', 'lintian', 'fonts'],
  // What nothing in these images needs: the large part of Perl, symbols for compiling, the package manager's lists.
  dropped: ['usr/lib/*/perl', 'usr/share/perl', 'usr/lib/jvm/*/lib/ct.sym', 'var/lib/apt/lists/*', 'var/cache/*', 'var/log/*'],
}

const began = performance.now()
const say = (text) => process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)

// --- what is to be done -----------------------------------------------------------------------------------------------

const digestOf = (...inputs) => inputs.reduce((h, i) => h.update(i).update('\0'), createHash('sha256')).digest('hex')
const filesBelow = (dir) =>
  readdirSync(dir, { recursive: true })
    .sort((a, b) => (a < b ? -1 : 1))
    .map((f) => join(dir, f))
    .filter((f) => statSync(f).isFile())
const baseId = digestOf(JSON.stringify(base), process.arch).slice(0, 12)
const baseTag = `devcluster-standin/base:${baseId}`

mkdirSync(join(cache, 'built'), { recursive: true })
const images = wanted.map((name) => {
  const [kind, version] = name.split(':')
  if (!(kind in repositories) || !version) throw new Error(`${name}: expected ${Object.keys(repositories).join('|')}:VERSION`)
  const lockFile = join(here, 'artifacts', `${kind}-${version}.json`)
  if (kind !== 'toy' && !existsSync(lockFile))
    throw new Error(`${name}: no ${lockFile}; make it with node test/standin/lock.mjs ${kind} ${version}`)
  const inputs = [...filesBelow(join(here, kind)), ...(kind === 'toy' ? [] : [lockFile]), fileURLToPath(import.meta.url)].map((f) =>
    readFileSync(f),
  )
  const recipe = digestOf(baseId, version, kind === 'toy' ? process.version : '', ...inputs)
  return {
    kind,
    version,
    lockFile,
    recipe,
    path: repositories[kind],
    ref: `${registry}/${repositories[kind]}:${version}`,
    ledger: join(cache, 'built', `${kind}-${version}.json`),
  }
})

/** Fills a build context: what the folder of the recipe does not hold. */
const contexts = {
  kafka(context, { version }, { lock, jars }) {
    const home = join(context, 'opt-kafka')
    const config = join(context, version.startsWith('3.') ? 'config-3' : 'config-4')
    copyJars(join(home, 'libs'), lock, jars)
    renameSync(join(context, 'bin'), join(home, 'bin'))
    cpSync(config, join(home, 'config'), { recursive: true })
    cpSync(config, join(context, 'docker'), { recursive: true })
    for (const [name, { main, heap }] of Object.entries(lock.tools)) {
      const options = heap ? `export KAFKA_HEAP_OPTS="\${KAFKA_HEAP_OPTS:-${heap}}"\n` : ''
      const file = join(home, 'bin', `${name}.sh`)
      writeFileSync(file, `#!/bin/bash\n${options}exec "$(dirname "$0")/kafka-run-class.sh" ${main} "$@"\n`)
      chmodSync(file, 0o755)
    }
  },
  zookeeper(context, _image, { lock, jars }) {
    copyJars(join(context, 'dist', 'lib'), lock, jars)
    renameSync(join(context, 'bin'), join(context, 'dist', 'bin'))
  },
  toy(context) {
    const local = join(context, 'usr-local')
    for (const dir of ['bin', 'lib/kcat']) mkdirSync(join(local, dir), { recursive: true })
    copyFileSync(realpathSync(process.execPath), join(local, 'bin', 'node'))
    // A Kafka client of another vendor for use inside a cluster's network, with the libraries that a bare system lacks.
    copyFileSync('/usr/bin/kcat', join(local, 'lib/kcat/kcat'))
    for (const lib of librariesOf('/usr/bin/kcat')) copyFileSync(lib, join(local, 'lib/kcat', basename(lib)))
    writeFileSync(join(local, 'bin', 'kcat'), '#!/bin/sh\nLD_LIBRARY_PATH=/usr/local/lib/kcat exec /usr/local/lib/kcat/kcat "$@"\n')
    chmodSync(join(local, 'bin', 'kcat'), 0o755)
  },
}

const missing = []
for (const image of images) if (!(await alreadyPushed(image))) missing.push(image)
for (const image of images) if (!missing.includes(image)) say(`${image.ref} is there`)
if (missing.length > 0) await build()
say('done')

// --- steps ------------------------------------------------------------------------------------------------------------

async function alreadyPushed({ path, version, recipe, ledger }) {
  if (!existsSync(ledger)) return false
  const noted = JSON.parse(readFileSync(ledger, 'utf8'))
  return noted.recipe === recipe && (await manifestDigest(path, version)) === noted.digest
}

async function manifestDigest(path, version) {
  const response = await fetch(`http://${registry}/v2/${path}/manifests/${version}`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  })
  return response.ok ? response.headers.get('docker-content-digest') : undefined
}

async function build() {
  const locks = missing.filter((i) => i.kind !== 'toy').map((i) => JSON.parse(readFileSync(i.lockFile, 'utf8')))
  // Network and the package manager work at the same time.
  const [, jars] = await Promise.all([prepareBase(), fetchAll(locks)])
  say(`parts of ${missing.length} images`)
  const found = new Map(locks.map((lock, i) => [`${lock.kind}:${lock.version}`, { lock, jars: jars[i] }]))
  // The shared layer is pushed while the images are built on it; each image then finds it in the registry.
  const shared = pushBase()
  await Promise.all(missing.map((image) => buildOne(image, found.get(`${image.kind}:${image.version}`), shared)))
}

/** One after the other: closures overlap, and a jar is to be written once. */
async function fetchAll(locks) {
  const jars = []
  for (const lock of locks) jars.push(await fetchArtifacts(lock, cache))
  return jars
}

async function prepareBase() {
  if ((await run('docker', ['image', 'inspect', baseTag], { quiet: true, ok: [0, 1] })).code === 0) return say(`${baseTag} is there`)
  const tar = join(cache, `base-${baseId}.tar`)
  if (!existsSync(tar)) {
    const partial = `${tar}.${process.pid}.tar`
    const drop = [...base.left.map((d) => `usr/share/${d}`), ...base.dropped].map((d) => `"$1"/${d}`).join(' ')
    await run('mmdebstrap', [
      '--quiet',
      `--variant=${base.variant}`,
      ...base.left.map((d) => `--dpkgopt=path-exclude=/usr/share/${d}/*`),
      '--aptopt=Apt::Install-Recommends "false"',
      '--aptopt=Acquire::Retries "3"',
      '--aptopt=Acquire::Languages "none"',
      // Nothing here has to survive a power cut half-way.
      '--dpkgopt=force-unsafe-io',
      // Java's packages want these folders when they set up their alternatives.
      '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
      `--include=${base.packages.join(',')}`,
      `--customize-hook=rm -rf ${drop}`,
      base.suite,
      partial,
    ])
    renameSync(partial, tar)
    say(`root file system, ${(statSync(tar).size / 1e6).toFixed(0)} MB`)
  }
  // One root file system at a time, on disk and in the engine.
  for (const old of readdirSync(cache)) if (/^base-.*\.tar$/.test(old) && old !== basename(tar)) rmSync(join(cache, old))
  await run('docker', [
    'import',
    '--change',
    'LABEL devcluster.standin=true',
    '--change',
    'ENV LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    tar,
    baseTag,
  ])
  const listed = await run('docker', ['images', '--format', '{{.Repository}}:{{.Tag}}', baseTag.split(':')[0]])
  for (const old of listed.text.split('\n').filter((tag) => tag && tag !== baseTag)) await run('docker', ['rmi', old], { ok: [0, 1] })
  say(`${baseTag} imported`)
}

async function pushBase() {
  const ref = `${registry}/${baseTag}`
  await run('docker', ['tag', baseTag, ref])
  await run('docker', ['push', '--quiet', ref])
  await run('docker', ['rmi', ref])
  say('shared layer pushed')
}

async function buildOne(image, parts, shared) {
  const context = join(cache, `context-${image.kind}-${image.version}-${process.pid}`)
  try {
    rmSync(context, { recursive: true, force: true })
    cpSync(join(here, image.kind), context, { recursive: true })
    contexts[image.kind](context, image, parts)
    const args = [
      '--build-arg',
      `BASE=${baseTag}`,
      '--label',
      'devcluster.standin=true',
      '--label',
      `devcluster.standin.recipe=${image.recipe}`,
    ]
    if (image.kind === 'zookeeper') args.push('--build-arg', `VERSION=${image.version}`)
    // The classic builder: the newer one is a plug-in that a bare client does not have.
    await run('docker', ['build', '--quiet', '--force-rm', ...args, '--tag', image.ref, context], { env: { DOCKER_BUILDKIT: '0' } })
    say(`${image.ref} built`)
    await shared
    await run('docker', ['push', '--quiet', image.ref])
    const digest = await manifestDigest(image.path, image.version)
    if (!digest) throw new Error(`${image.ref} was pushed, but the registry does not have it`)
    // Users of the mirror pull; an image that is there already would hide a mirror that does not work.
    await run('docker', ['rmi', image.ref])
    writeFileSync(image.ledger, `${JSON.stringify({ recipe: image.recipe, digest })}\n`)
    say(`${image.ref} pushed`)
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
}

function copyJars(dir, lock, jars) {
  mkdirSync(dir, { recursive: true })
  for (const [i, { coordinate }] of lock.artifacts.entries()) copyFileSync(jars[i], join(dir, jarName(coordinate)))
}

/** Shared libraries as the loader resolves them; libc's own family stays the image's. */
function librariesOf(program) {
  const seen = new Map()
  for (const line of execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n')) {
    const file = /=> (\/\S+)/.exec(line)?.[1]
    if (file && !/\/(libc|libm|libdl|libpthread|librt|libresolv)\.so/.test(file)) seen.set(basename(file), file)
  }
  return [...seen.values()]
}

function run(command, args, { env, quiet = false, ok = [0] } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    child.on('error', (error) => fail(new Error(`cannot run ${command}: ${error.message}`)))
    child.on('close', (code) => {
      if (ok.includes(code)) return done({ code, text })
      if (!quiet) process.stderr.write(text)
      fail(new Error(`${command} ${args.slice(0, 3).join(' ')} ended with ${code}`))
    })
  })
}
