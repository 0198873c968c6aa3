// Writes small tar archives (ustar, POSIX.1-1988) and finds one file in one. Regular files and folders only: all the engine's archive API needs.

export interface TarEntry {
  /** Relative, `/` between parts. A folder ends with `/`. */
  readonly path: string
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

const BLOCK = 512

/** ustar keeps 100 bytes of name and 155 of prefix, split at a slash. */
function splitName(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' }
  for (let cut = path.indexOf('/'); cut >= 0; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)]
    if (name !== '' && Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { name, prefix }
  }
  throw new Error(`path too long for a tar archive: ${path}`)
}

/** Zero-padded octal, ended by NUL. */
const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`

function header(entry: TarEntry, mtimeSeconds: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const { name, prefix } = splitName(entry.path)
  block.write(name, 0, 'utf8')
  block.write(octal(entry.mode, 8), 100, 'latin1')
  block.write(octal(entry.uid, 8), 108, 'latin1')
  block.write(octal(entry.gid, 8), 116, 'latin1')
  block.write(octal(entry.content.byteLength, 12), 124, 'latin1')
  block.write(octal(mtimeSeconds, 12), 136, 'latin1')
  block.write(entry.path.endsWith('/') ? '5' : '0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(prefix, 345, 'utf8')
  // The checksum is the sum of all header bytes, its own field counted as blanks.
  block.fill(0x20, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** One archive of these entries, in order. `mtimeSeconds` is the same for all. */
export function writeTar(entries: readonly TarEntry[], mtimeSeconds: number): Buffer {
  const blocks: Uint8Array[] = []
  for (const entry of entries) {
    blocks.push(header(entry, mtimeSeconds), entry.content)
    const rest = entry.content.byteLength % BLOCK
    if (rest > 0) blocks.push(Buffer.alloc(BLOCK - rest))
  }
  blocks.push(Buffer.alloc(2 * BLOCK))
  return Buffer.concat(blocks)
}

/** Content of the first regular file of an archive, or undefined. */
export function firstFile(archive: Buffer): Buffer | undefined {
  for (let at = 0; at + BLOCK <= archive.byteLength; ) {
    if (archive[at] === 0) return undefined
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135).trim(), 8)
    if (!Number.isFinite(size)) return undefined
    const type = archive.toString('latin1', at + 156, at + 157)
    if (type === '0' || type === '\0') return archive.subarray(at + BLOCK, at + BLOCK + size)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return undefined
}
