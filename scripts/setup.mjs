// Makes a checkout runnable: installs dependencies and builds, each only when something changed. Prints one line for each thing it does.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

function hashFiles(paths) {
  const hash = createHash('sha256').update(process.versions.node)
  for (const path of paths) hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}

function filesBelow(dir) {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function stamp(name) {
  return join(root, '.setup', name)
}

function isCurrent(name, hash) {
  return existsSync(stamp(name)) && readFileSync(stamp(name), 'utf8') === hash
}

function run(what, command, args) {
  process.stderr.write(`setup: ${what}\n`)
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}setup: ${what} failed\n`)
  process.exit(1)
}

/** Installs and builds what is missing. @returns true when there was work to do */
export function setup() {
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`devcluster needs Node 20.19 or newer, this is ${process.versions.node}\n`)
    process.exit(1)
  }
  mkdirSync(join(root, '.setup'), { recursive: true })
  let worked = false
  const locked = hashFiles([join(root, 'package.json'), join(root, 'package-lock.json')])
  if (!isCurrent('installed', locked) || !existsSync(join(root, 'node_modules', 'yaml'))) {
    // No package of ours needs an install script: optional native add-ons of SSH support would only be compiled in vain.
    run('installing dependencies (once)', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
    writeFileSync(stamp('installed'), locked)
    worked = true
  }
  const sources = hashFiles([
    ...filesBelow(join(root, 'src')),
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.build.json'),
    join(root, 'package-lock.json'),
    join(root, 'scripts', 'bundle.mjs'),
  ])
  if (!isCurrent('built', sources) || !existsSync(join(root, 'dist', 'devcluster.cjs'))) {
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    run('building', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
    run('bundling the command line', process.execPath, [join(root, 'scripts', 'bundle.mjs')])
    writeFileSync(stamp('built'), sources)
    worked = true
  }
  return worked
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) setup()
