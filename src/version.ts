// Version of this package, read once from package.json beside dist/ or src/.
import { readFileSync } from 'node:fs'

function read(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string'
    ? manifest.version
    : '0.0.0'
}

export const VERSION: string = read()

/** Root of the package: `templates/` is below it, built and unbuilt. */
export const PACKAGE_ROOT: URL = new URL('../', import.meta.url)
