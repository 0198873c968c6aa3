// The command line as a few CommonJS files: an ES module costs about a millisecond to load, a file of any kind about half of one, and an `up` needs
// two hundred. The library, its types and the programs that run on their own stay as tsc wrote them. See docs/adr/0008.
import { chmodSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

const dist = join(root, 'dist')
const inDist = (id) => relative(dist, id).replaceAll('\\', '/')
/** As plain modules: those for Node are CommonJS, which a bundle can neither shake nor flatten. */
const yaml = join(root, 'node_modules', 'yaml', 'browser', 'dist')

/** Needed once in a while, and loaded from where they are installed. */
const INSTALLED = ['jiti', 'listr2', 'mvn-artifact-url', 'njre', 'undici']

/** Each of these costs a hot path a millisecond or less; any other costs more, and is loaded where it is needed (process.getBuiltinModule). */
const CHEAP = ['node:fs', 'node:net', 'node:os', 'node:path']

/** Modules reached from one of them: what it imports, and what it loads where `loads` says so. */
function reached(start, info, loads) {
  const found = new Set([start])
  for (const id of found) {
    const { importedIds = [], dynamicallyImportedIds = [] } = info(id) ?? {}
    for (const next of [...importedIds, ...dynamicallyImportedIds.filter((other) => loads.test(inDist(other)))]) {
      if (next.startsWith(root)) found.add(next)
    }
  }
  return found
}

/**
 * The file of the bundle a module goes to: what a call without flags needs; what reads flags; what an `up` of processes needs besides.
 * null leaves it to a file of its own, loaded when it is needed.
 */
function fileOf(id, info) {
  if (/^(cli\/main|version)\.js$/.test(inDist(id))) return null
  if (id.startsWith(yaml)) return 'yaml'
  if (reached(join(dist, 'cli/bare.js'), info, /^cli\/hot\/|^config\/inputs\.js$|\/handshake\.js$/).has(id)) return 'hot'
  if (reached(join(dist, 'cli/run.js'), info, /^cli\/commands\/(up|status)\.js$/).has(id)) return 'flags'
  return reached(join(dist, 'cli/commands/up-whole.js'), info, WITH_UP).has(id) ? 'whole' : null
}

/** What every `up` of processes loads on its way. */
const WITH_UP = /^(cli\/progress\/plain|runtimes\/process\/index|services\/kafka\/seed\/load)\.js$/

/** A module of ours keeps the address it has on its own: programs and templates are found beside it. */
const keepAddress = {
  name: 'keep-address',
  transform(code, id) {
    if (!id.startsWith(dist) || !code.includes('import.meta.url')) return null
    return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(`../${inDist(id)}`)}, import.meta.url).href`)
  },
}

/** The supervisor, whose start is on the way of every `up` of processes, as one file. */
async function bundleSupervisor() {
  const file = join(dist, 'runtimes', 'process', 'supervisor-main')
  const build = await rolldown({ input: `${file}.js`, platform: 'node', logLevel: 'silent' })
  await build.write({ file: `${file}.cjs`, format: 'cjs', comments: false })
  await build.close()
}

export async function bundle() {
  await bundleSupervisor()
  const build = await rolldown({
    input: { devcluster: join(dist, 'cli', 'main.js') },
    platform: 'node',
    resolve: { alias: { yaml: join(yaml, 'index.js') } },
    external: [...INSTALLED, ...INSTALLED.map((name) => new RegExp(`^${name}/`))],
    plugins: [keepAddress],
    logLevel: 'silent',
  })
  // Beside version.js, so that what looks for package.json from there finds it.
  const { output } = await build.write({
    dir: dist,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'hot/[name]-[hash].cjs',
    comments: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: (id, context) => fileOf(id, (other) => context.getModuleInfo(other)) }],
    },
  })
  await build.close()
  const dear = output.find((file) => file.name === 'hot')?.imports.filter((id) => id.startsWith('node:') && !CHEAP.includes(id))
  if (!dear || dear.length > 0)
    throw new Error(dear ? `the hot paths load ${dear.join(', ')} at once` : 'there is no file of the hot paths')
  const misplaced = output.find((file) => !file.fileName.startsWith('hot/') && file.code?.includes('new URL("../'))
  if (misplaced) throw new Error(`${misplaced.fileName} holds an address that is right in hot/ alone`)
  withoutRuntimeFile(output)
  chmodSync(join(dist, 'devcluster.cjs'), 0o755)
}

/** The bundler's own few lines are a file that others share; what is on a hot path has a copy of them instead, and one file less to load. */
function withoutRuntimeFile(output) {
  const runtime = output.find(({ name }) => name === 'rolldown-runtime')
  if (!runtime) return
  const loading = `require("./${basename(runtime.fileName)}")`
  const inline = `(() => { const exports = {}\n${runtime.code}\nreturn exports })()`
  for (const { name, fileName, code } of output) {
    if ((name === 'hot' || name === 'flags') && code.includes(loading))
      writeFileSync(
        join(dist, fileName),
        code.replace(loading, () => inline),
      )
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await bundle()
