// How a program of this package that runs on its own (supervisor, archive job) is started: built as JavaScript, or from source.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Arguments for `process.execPath` that run `<name>` beside this file. */
export function entryArgs(name: 'supervisor-main' | 'archive-job'): string[] {
  if (import.meta.url.endsWith('.ts')) {
    // From source (tests): Node 20 runs no TypeScript by itself.
    const register = pathToFileURL(
      join(dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib', 'jiti-register.mjs'),
    ).href
    return ['--import', register, fileURLToPath(new URL(`./${name}.ts`, import.meta.url))]
  }
  // The supervisor's start is on the way of every `up`: it is one file (scripts/bundle.mjs).
  return [fileURLToPath(new URL(`./${name}.${name === 'supervisor-main' ? 'cjs' : 'js'}`, import.meta.url))]
}
