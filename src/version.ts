// Version of this package, read once from package.json beside dist/ or src/.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

function read(): string {
  // A path, not a URL: `--version` is asked more often than anything, and making a URL costs it half a millisecond.
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string'
    ? manifest.version
    : '0.0.0'
}

export const VERSION: string = read()
