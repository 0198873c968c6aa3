// Puts a node's directories and files in place before its start: config always, data only where absent. Removes nothing.
import { existsSync } from 'node:fs'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import type { NodeSpec, RenderedFile } from '../../model/node.ts'
import { makeDir } from '../../util/fs.ts'
import { fsFailure } from './fs-failure.ts'
import type { NodeFiles } from './layout.ts'

function contentOf(file: RenderedFile): string | Buffer {
  return typeof file.content === 'string' ? file.content : Buffer.from(file.content.base64, 'base64')
}

function inside(root: string, path: string): string {
  const clean = normalize(path)
  if (isAbsolute(clean) || clean === '..' || clean.startsWith(`..${sep}`))
    throw new DevclusterError('INTERNAL', `${path} leaves its folder`)
  return join(root, clean)
}

/** @throws DevclusterError DISK_FULL, STATE_UNWRITABLE naming the node. */
export async function writeNodeFiles(node: NodeSpec, files: NodeFiles): Promise<void> {
  const roots = { config: node.place.dirs.config, data: node.place.dirs.data }
  let path = files.dir
  try {
    await Promise.all([files.dir, roots.config, roots.data, node.place.dirs.logs, dirname(files.output)].map((dir) => makeDir(dir)))
    for (const file of node.files) {
      path = inside(roots[file.dir], file.path)
      if (file.dir === 'data' && existsSync(path)) continue
      const content = contentOf(file)
      // A file that is right stays untouched: a second start writes nothing.
      if ((await readFile(path).catch(() => undefined))?.equals(Buffer.from(content))) {
        await chmod(path, file.mode ?? 0o644)
        continue
      }
      await makeDir(dirname(path))
      const temporary = `${path}.${process.pid}.tmp`
      await writeFile(temporary, content, { mode: file.mode ?? 0o644 })
      await chmod(temporary, file.mode ?? 0o644)
      await rename(temporary, path)
    }
  } catch (error) {
    throw fsFailure(error, `a file of ${node.id}`, path, node.id) ?? error
  }
}
