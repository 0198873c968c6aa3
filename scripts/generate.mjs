// Writes what is derived from the sources: the editor schema and the README's table of services. `--check` fails when either is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const check = process.argv.includes('--check')
const { clusterJsonSchema } = await import(join(root, 'dist', 'config', 'schema-json.js'))
const { builtinServices } = await import(join(root, 'dist', 'services', 'registry.js'))

const outputs = new Map()
outputs.set('schema/devcluster.schema.json', `${JSON.stringify(clusterJsonSchema(builtinServices), null, 2)}\n`)

const rows = builtinServices.map(
  ({ kind, summary, runs }) =>
    `| \`${kind}\` | ${summary} | ${runs.includes('container') ? 'yes' : 'no'} | ${runs.includes('process') ? 'yes' : 'no'} |`,
)
const table = ['| Kind | What it is | docker | process |', '|---|---|---|---|', ...rows].join('\n')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
outputs.set(
  'README.md',
  readme.replace(/(<!-- services -->\n)[\s\S]*?(\n<!-- \/services -->)/, (_, start, end) => `${start}${table}${end}`),
)

const stale = []
for (const [path, content] of outputs) {
  const current = (() => {
    try {
      return readFileSync(join(root, path), 'utf8')
    } catch {
      return ''
    }
  })()
  if (current === content) continue
  stale.push(path)
  if (check) continue
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}
if (stale.length > 0) process.stdout.write(`${check ? 'stale, run npm run gen' : 'written'}: ${stale.join(', ')}\n`)
process.exitCode = check && stale.length > 0 ? 1 : 0
