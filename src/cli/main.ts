#!/usr/bin/env node
// The entry of the command line. Answers the two most common questions from two small files; everything else is run.ts.
// The only place that ends the process.
import { writeSync } from 'node:fs'
import { VERSION } from '../version.ts'

const argv = process.argv.slice(2)
const only = argv.length === 1 ? argv[0] : undefined

function print(text: string): void {
  try {
    writeSync(1, text)
  } catch {
    // A pipe that is full or gone: the stream knows how to wait, or not to.
    process.stdout.on('error', () => process.exit(0)).write(text)
  }
}

async function main(): Promise<void> {
  if (only === '--version' || only === '-V') {
    print(`${VERSION}\n`)
  } else if (only === '--help' || only === '-h') {
    const { ROOT_HELP } = await import('./root-help.ts')
    print(ROOT_HELP)
  } else {
    const exit = (code: number): never => process.exit(code)
    const isBare = only === 'status' || only === 'up'
    const code = isBare ? await (await import('./bare.ts')).runBare(only, exit) : undefined
    exit(code ?? (await (await import('./run.ts')).runCli(argv, exit, isBare)))
  }
}

// No await at the top level: scripts/bundle.mjs makes one CommonJS file of this, which starts sooner (docs/adr/0008).
void main()
