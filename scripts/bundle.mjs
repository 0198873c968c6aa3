// Three CommonJS files (and a few lazy ones) of the hot paths of the command line: an ES module costs about a millisecond each to load, a file of any
// kind about half of one, and `status` needs thirty. Everything else stays as tsc wrote it. See docs/adr/0008.
import { chmodSync, existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

const dist = join(root, 'dist')
const inDist = (id) => relative(dist, id).replaceAll('\\', '/')

/** What hot paths leave to the modules: bodies of all commands but two, and the library. */
const whole = (path) =>
  (path.startsWith('cli/commands/') && !/\/(up|status)\.js$/.test(path)) || path === 'index.js' || path === 'cli/target.js'

/** Each of these costs a hot path a millisecond or less; any other costs more, and is loaded where it is needed (process.getBuiltinModule). */
const CHEAP = ['node:fs', 'node:net', 'node:os', 'node:path']

/** Modules reached from one of them: what it imports, and what it loads where `loads` says so. */
function reached(start, info, loads) {
  const found = new Set([start])
  for (const id of found) {
    const { importedIds = [], dynamicallyImportedIds = [] } = info(id) ?? {}
    for (const next of [...importedIds, ...dynamicallyImportedIds.filter((other) => loads.test(inDist(other)))]) {
      if (next.startsWith(dist)) found.add(next)
    }
  }
  return found
}

/** The file of the bundle a module goes to: what a call without flags needs, what reads flags; null leaves it to a file of its own. */
function fileOf(id, info) {
  if (/^(cli\/main|version)\.js$/.test(inDist(id))) return null
  if (reached(join(dist, 'cli/bare.js'), info, /^cli\/hot\/|^config\/inputs\.js$|\/handshake\.js$/).has(id)) return 'hot'
  return reached(join(dist, 'cli/run.js'), info, /^cli\/commands\//).has(id) ? 'flags' : null
}

const leaveTheRest = {
  name: 'leave-the-rest',
  resolveId(source, importer, { kind }) {
    if (kind !== 'dynamic-import' || !importer || !source.startsWith('.')) return null
    const id = join(dirname(importer), source)
    if (!whole(inDist(id))) return null
    if (!existsSync(id)) throw new Error(`${inDist(importer)} loads ${source}, which is not there`)
    // As seen from hot/, where all of it comes to lie.
    return { id: `../${inDist(id)}`, external: true }
  },
}

export async function bundle() {
  const build = await rolldown({
    input: { devcluster: join(dist, 'cli', 'main.js') },
    platform: 'node',
    plugins: [leaveTheRest],
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
      groups: [{ name: (id, context) => (id.startsWith(dist) ? fileOf(id, (other) => context.getModuleInfo(other)) : null) }],
    },
  })
  await build.close()
  const dear = output.find((file) => file.name === 'hot')?.imports.filter((id) => id.startsWith('node:') && !CHEAP.includes(id))
  if (!dear || dear.length > 0)
    throw new Error(dear ? `the hot paths load ${dear.join(', ')} at once` : 'there is no file of the hot paths')
  const misplaced = output.find((file) => !file.fileName.startsWith('hot/') && file.dynamicImports?.some((id) => id.startsWith('../')))
  if (misplaced) throw new Error(`${misplaced.fileName} loads a module from where it does not lie`)
  chmodSync(join(dist, 'devcluster.cjs'), 0o755)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await bundle()
