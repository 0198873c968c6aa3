#!/usr/bin/env node
// The command line: arguments to a command, signals, exit code. The only place that ends the process. Loads little: see hot/.
import { DevclusterError, EXIT_CODES, isDevclusterError } from '../errors.ts'
import type { CommandSpec } from './command.ts'
import { type Io, processIo } from './io.ts'
import { GLOBAL_OPTIONS, ROOT_OPTIONS } from './options.ts'
import { parse } from './parse.ts'
import { COMMANDS } from './table.ts'

/** 128 + the signal's number, as shells have it. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
/** A look has nothing to undo: so long it may take to end by itself, ms. */
const LOOK_GRACE_MS = 2_000

const argv = process.argv.slice(2)
let command: CommandSpec | undefined
let interrupted: number | undefined

// A consumer that goes away (`| head`) ends a look quietly; an action goes on, as half a cluster would be worse than no output.
const io: Io = processIo(argv.includes('--no-color'), () => {
  if (command?.kind !== 'action') process.exit(0)
})

function listenToSignals(): AbortSignal {
  const controller = new AbortController()
  for (const [name, code] of Object.entries(SIGNAL_CODES)) {
    process.on(name, () => {
      if (interrupted !== undefined) process.exit(interrupted)
      interrupted = code
      if (command?.kind === 'action') io.note(`${name}: stopping in order; once more ends at once`)
      else setTimeout(() => process.exit(code), LOOK_GRACE_MS).unref()
      controller.abort(new DevclusterError('ABORTED', 'interrupted'))
    })
  }
  return controller.signal
}

async function main(): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) return version()
  const parsed = parse(argv, COMMANDS, ROOT_OPTIONS)
  if (!parsed.command) {
    if (parsed.flags.on('version')) return version()
    const { rootHelp } = await import('./help.ts')
    const text = `${rootHelp(COMMANDS, ROOT_OPTIONS)}\n`
    if (parsed.flags.on('help')) await io.out(text)
    else io.note(text.trimEnd())
    return parsed.flags.on('help') ? 0 : EXIT_CODES.USAGE
  }
  command = parsed.command
  if (parsed.flags.on('help')) {
    const { commandHelp } = await import('./help.ts')
    await io.out(`${commandHelp(parsed.command, GLOBAL_OPTIONS)}\n`)
    return 0
  }
  const signal = listenToSignals()
  const { run } = await parsed.command.load()
  return run({ command: parsed.command, flags: parsed.flags, args: parsed.args, rest: parsed.rest, signal, io })
}

async function version(): Promise<number> {
  const { VERSION } = await import('../version.ts')
  await io.out(`${VERSION}\n`)
  return 0
}

async function explain(error: unknown): Promise<number> {
  const { printError } = await import('./print-error.ts')
  await printError(error, { io, verbose: argv.includes('--verbose'), document: argv.includes('--json') && command?.kind !== 'action' })
  return isDevclusterError(error) ? EXIT_CODES[error.code] : EXIT_CODES.INTERNAL
}

let code: number
try {
  code = await main()
} catch (error) {
  code = await explain(error)
}
// What is still open (a socket, a watcher) must not keep the process; what was written must arrive.
await io.out('')
process.exit(interrupted ?? code)
