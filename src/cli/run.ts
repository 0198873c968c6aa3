// Arguments to a command; signals and errors to an exit code. Loads little: a command's body comes when it is run.
import { DevclusterError, EXIT_CODES, isDevclusterError } from '../errors.ts'
import { VERSION } from '../version.ts'
import type { CommandSpec } from './command.ts'
import { type Io, processIo } from './io.ts'
import { GLOBAL_OPTIONS, ROOT_OPTIONS } from './options.ts'
import { parse } from './parse.ts'
import { COMMANDS } from './table.ts'

/** 128 + the signal's number, as shells have it. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
/** A look has nothing to undo: so long it may take to end by itself, ms. */
const LOOK_GRACE_MS = 2_000

type Exit = (code: number) => never

/** What is known of this run while it runs. */
interface Session {
  readonly argv: readonly string[]
  readonly exit: Exit
  readonly hotTried: boolean
  command: CommandSpec | undefined
  /** Exit code of the signal that came. */
  interrupted: number | undefined
}

/** @returns the exit code, when everything that was written has arrived */
export async function runCli(given: readonly string[], exit: Exit, hotTried = false): Promise<number> {
  // `help up` as other tools have it; alone it is the help of everything.
  const argv = given[0] === 'help' ? [...given.slice(1), '--help'] : given
  const session: Session = { argv, exit, hotTried, command: undefined, interrupted: undefined }
  // A consumer that goes away (`| head`) ends a look quietly; an action goes on, as half a cluster would be worse than no output.
  const io = processIo(argv.includes('--no-color'), () => {
    if (session.command?.kind !== 'action') exit(0)
  })
  let code: number
  try {
    code = await dispatch(session, io)
  } catch (error) {
    code = await explain(error, session, io)
  }
  await io.out('')
  return session.interrupted ?? code
}

function listenToSignals(session: Session, io: Io): AbortSignal {
  const controller = new AbortController()
  for (const [name, code] of Object.entries(SIGNAL_CODES)) {
    process.on(name, () => {
      if (session.interrupted !== undefined) session.exit(session.interrupted)
      session.interrupted = code
      if (session.command?.kind === 'action') io.note(`${name}: stopping in order; once more ends at once`)
      else setTimeout(() => session.exit(code), LOOK_GRACE_MS).unref()
      controller.abort(new DevclusterError('ABORTED', 'interrupted'))
    })
  }
  return controller.signal
}

async function dispatch(session: Session, io: Io): Promise<number> {
  const parsed = parse(session.argv, COMMANDS, ROOT_OPTIONS)
  const { command, flags } = parsed
  if (!command) {
    if (flags.on('version')) {
      await io.out(`${VERSION}\n`)
      return 0
    }
    const { ROOT_HELP } = await import('./root-help.ts')
    if (flags.on('help')) await io.out(ROOT_HELP)
    else io.note(ROOT_HELP.trimEnd())
    return flags.on('help') ? 0 : EXIT_CODES.USAGE
  }
  session.command = command
  if (flags.on('help')) {
    const { commandHelp } = await import('./help.ts')
    await io.out(`${commandHelp(command, GLOBAL_OPTIONS)}\n`)
    return 0
  }
  const signal = listenToSignals(session, io)
  const { run } = await command.load()
  return run({ command, flags, args: parsed.args, rest: parsed.rest, signal, io, hotTried: session.hotTried })
}

async function explain(error: unknown, session: Session, io: Io): Promise<number> {
  // What an interrupted action throws is only the echo of the signal.
  const { printError } = await import('./print-error.ts')
  const { argv } = session
  await printError(error, {
    io,
    verbose: argv.includes('--verbose'),
    document: argv.includes('--json') && session.command?.kind !== 'action',
  })
  return isDevclusterError(error) ? EXIT_CODES[error.code] : EXIT_CODES.INTERNAL
}
