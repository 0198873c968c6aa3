// Writes artifacts/<kind>-<version>.json: the closure of a stand-in as pinned coordinates with SHA-256, and the class behind each tool.
// For maintainers (`node test/standin/lock.mjs kafka 4.3.1`); needs mvn. Building the images does not.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kafkaTools, roots } from './parts.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const [kind, version] = process.argv.slice(2)
if (!['kafka', 'zookeeper'].includes(kind) || !version) throw new Error('usage: node test/standin/lock.mjs kafka|zookeeper VERSION')

const work = mkdtempSync(join(tmpdir(), 'standin-lock-'))
try {
  const { needed, wanted } = roots(kind, version)
  let optional = wanted
  const withoutSlots = needed.filter((c) => !c.includes('{'))
  let repo = resolve([...withoutSlots, ...optional])
  while (repo.missing) {
    const kept = optional.filter((c) => !repo.missing.some((m) => c.startsWith(`${m}:`)))
    if (kept.length === optional.length) throw new Error(`cannot resolve: ${repo.missing.join(', ') || repo.text}`)
    optional = kept
    repo = resolve([...withoutSlots, ...optional])
  }
  const jackson = repo.jars.find((j) => j.artifact === 'jackson-databind')?.version
  if (withoutSlots.length < needed.length) repo = resolve([...needed.map((c) => c.replace('{jackson}', jackson)), ...optional])
  if (repo.missing) throw new Error(`cannot resolve: ${repo.missing.join(', ')}`)

  // Foreign platforms' native parts are dead weight in a Linux image.
  const jars = repo.jars.filter((j) => !/^(osx|windows)-/.test(j.classifier ?? ''))
  const artifacts = jars
    .map((j) => ({
      coordinate: [j.group, j.artifact, j.version, j.classifier].filter(Boolean).join(':'),
      sha256: createHash('sha256').update(readFileSync(j.file)).digest('hex'),
    }))
    .sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1))
  const lock = { kind, version, artifacts }
  if (kind === 'kafka') lock.tools = findTools(jars)
  writeFileSync(join(here, 'artifacts', `${kind}-${version}.json`), `${JSON.stringify(lock, null, 2)}\n`)
  process.stderr.write(`${kind} ${version}: ${artifacts.length} jars\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}

function resolve(coordinates) {
  const dir = mkdtempSync(join(work, 'r-'))
  const dependencies = coordinates.map((c) => {
    const [g, a, v] = c.split(':')
    return `<dependency><groupId>${g}</groupId><artifactId>${a}</artifactId><version>${v}</version></dependency>`
  })
  writeFileSync(
    join(dir, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>standin</groupId><artifactId>standin</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`,
  )
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies'
  const run = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      '-U',
      '-f',
      join(dir, 'pom.xml'),
      plugin,
      `-DoutputDirectory=${join(dir, 'repo')}`,
      '-Dmdep.useRepositoryLayout=true',
      '-DincludeScope=runtime',
    ],
    { encoding: 'utf8' },
  )
  if (run.status !== 0) {
    const text = run.stdout + run.stderr
    const missing = [...text.matchAll(/([\w.]+:[\w.-]+):jar:[\w.-]+/g)].map((m) => m[1]).filter((c) => !c.startsWith('standin:'))
    return { missing: [...new Set(missing)], text, jars: [] }
  }
  const jars = readdirSync(join(dir, 'repo'), { recursive: true })
    .filter((f) => f.endsWith('.jar'))
    .map((f) => {
      const file = join(dir, 'repo', f)
      const parts = relative(join(dir, 'repo'), file).split(sep)
      const name = parts.pop().slice(0, -'.jar'.length)
      const [v, artifact] = [parts.pop(), parts.pop()]
      const rest = name.slice(`${artifact}-${v}`.length)
      return { file, group: parts.join('.'), artifact, version: v, classifier: rest ? rest.slice(1) : undefined }
    })
  return { jars }
}

function findTools(jars) {
  const names = new Set()
  const script =
    'import sys,zipfile\nfor f in sys.argv[1:]:\n  for n in zipfile.ZipFile(f).namelist():\n    if n.endswith(".class"): print(n[:-6].replace("/","."))'
  const listing = execFileSync(
    'python3',
    ['-c', script, ...jars.filter((j) => j.group.startsWith('org.apache.kafka')).map((j) => j.file)],
    { encoding: 'utf8', maxBuffer: 64 << 20 },
  )
  for (const name of listing.split('\n')) names.add(name)
  const found = {}
  for (const [tool, classes, heap] of kafkaTools) {
    const main = classes.find((c) => names.has(c))
    if (main) found[tool] = heap ? { main, heap } : { main }
  }
  return found
}
