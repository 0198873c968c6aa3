// The id of the cluster a file describes, also when the file is broken: what was started from it can still be looked at and removed.
import { dirname } from 'node:path'
import { idOfFolder, nameOfFolder } from '../config/identity.ts'
import { readDocuments } from '../config/read.ts'
import { toPlain } from '../config/tree.ts'
import { storedIds } from '../engine/look.ts'
import { readStored } from '../engine/state.ts'

/** `file` is absolute. @throws CONFIG_NOT_FOUND when the file is not there and nothing was started from it */
export async function idOfFile(file: string): Promise<string> {
  const dir = dirname(file)
  const document = await readDocuments({ files: [file], cwd: dir, sets: [], env: process.env })
  if (!document.broken) {
    const plain = toPlain(document.root)
    const name =
      typeof plain === 'object' && plain !== null && 'name' in plain && typeof plain.name === 'string' ? plain.name : nameOfFolder(dir)
    return idOfFolder(name, dir)
  }
  for (const id of storedIds()) {
    const stored = await readStored(id)
    if (stored?.spec.dir === dir && stored.spec.files.includes(file)) return id
  }
  return idOfFolder(nameOfFolder(dir), dir)
}
