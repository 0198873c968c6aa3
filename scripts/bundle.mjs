// One CommonJS file (and a few lazy ones) of the hot paths of the command line: an ES module costs about a millisecond each to load, and
// `status` needs thirty. Everything else stays as tsc wrote it. See docs/adr/0008.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { root } from './setup.mjs'

export async function bundle() {
  const dist = join(root, 'dist')
  const build = await rolldown({
    input: { devcluster: join(dist, 'cli', 'main.js') },
    platform: 'node',
    // The whole command line stays a module of its own, found from where the bundle lies.
    plugins: [{ name: 'whole', resolveId: (source) => (source === './run.js' ? { id: './cli/run.js', external: true } : null) }],
    logLevel: 'silent',
  })
  // Beside version.js, so that what looks for package.json from there finds it.
  await build.write({ dir: dist, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'hot/[name]-[hash].cjs' })
  await build.close()
  chmodSync(join(dist, 'devcluster.cjs'), 0o755)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await bundle()
