// `devcluster schema`: the JSON Schema of the cluster file, or of the events of --json, as shipped.
import { readFile } from 'node:fs/promises'
import { PACKAGE_ROOT } from '../../util/package-root.ts'
import type { Run } from '../command.ts'

export const run: Run = async (call) => {
  const name = call.flags.on('event') ? 'event.schema.json' : 'devcluster.schema.json'
  await call.io.out(await readFile(new URL(`schema/${name}`, PACKAGE_ROOT), 'utf8'))
  return 0
}
