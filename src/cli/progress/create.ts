// Chooses how progress is shown: events with --json, a live list in a terminal, plain lines elsewhere and in CI, or nothing.
import type { Reporter } from '../../model/event.ts'
import type { Call } from '../command.ts'

export interface Progress {
  readonly report: Reporter
  /** Settles the display before anything else is printed. */
  end(ok: boolean): Promise<void>
}

export async function createProgress(call: Call): Promise<Progress> {
  const { flags, io } = call
  if (flags.on('json')) return (await import('./json.ts')).jsonProgress(io)
  if (flags.on('quiet')) return (await import('./quiet.ts')).quietProgress(io)
  // A terminal that does not say how wide it is cannot be drawn on.
  const live = io.errIsTerminal && (io.stderr.columns ?? 0) > 0 && !io.env['CI'] && io.env['TERM'] !== 'dumb' && !flags.on('verbose')
  if (live) return (await import('./listr.ts')).listrProgress(io)
  return (await import('./plain.ts')).plainProgress(io, { verbose: flags.on('verbose') })
}
