// Every bad-*.{yaml,json} of this folder against the text a person reads about it (bad-*.expected.txt; `vitest -u` writes these anew).
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { formatDiagnostics } from '../../src/config/diagnostic.ts'
import { loadSpec } from '../../src/config/load.ts'
import { toyDefinitions } from '../helpers/toy-services.ts'

const dir = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(dir).filter((name) => /^bad-.*\.(?:yaml|json)$/.test(name))

test.each(files)('%s must be refused with every mistake shown at its place', async (name) => {
  const loaded = await loadSpec({ files: [join(dir, name)], cwd: dir, env: { MODE: 'lout' } }, toyDefinitions)
  expect(loaded.spec).toBeUndefined()
  const text = formatDiagnostics(loaded.diagnostics, { cwd: dir }).replaceAll(dir, '<here>/')
  await expect(text).toMatchFileSnapshot(join(dir, name.replace(/\.\w+$/, '.expected.txt')))
})

test('a file with eight mistakes must show eight errors', async () => {
  const loaded = await loadSpec({ files: [join(dir, 'bad-eight-mistakes.yaml')], cwd: dir, env: {} }, toyDefinitions)
  expect(loaded.diagnostics.filter((item) => item.severity === 'error')).toHaveLength(8)
})
