// Where the command line reads and writes: stdout for results, stderr for people, colours only on a terminal. Decides nothing.
import { fstatSync, writeSync } from 'node:fs'

/** Sets parts of a text off. Identity functions where there are no colours. */
export interface Paint {
  readonly on: boolean
  readonly strong: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
  /** One of a few colours by number, the same for the same number. */
  readonly nth: (index: number, text: string) => string
}

export interface Io {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Writes a result to stdout; resolves when the consumer has room. */
  readonly out: (text: string | Uint8Array) => Promise<void>
  /** Writes a line for people to stderr. */
  readonly note: (line: string) => void
  readonly stdin: NodeJS.ReadStream
  readonly stderr: NodeJS.WriteStream
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly outPaint: Paint
  readonly errPaint: Paint
}

const NTH = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94] as const

export function createPaint(on: boolean): Paint {
  const code = (open: number, close: number) => (on ? (text: string) => `\u001b[${open}m${text}\u001b[${close}m` : (text: string) => text)
  return {
    on,
    strong: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    cyan: code(36, 39),
    nth: (index, text) => code(NTH[index % NTH.length] ?? 36, 39)(text),
  }
}

/** Colours are for terminals whose user has not refused them (no-color.org: any value but the empty one refuses). */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv, refused: boolean): boolean {
  return stream.isTTY === true && !refused && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** Writes all of it at once, as streams to files, pipes and terminals do too. What does not fit into a full pipe that must not block is returned. */
function writeNow(fd: number, bytes: Uint8Array): Uint8Array {
  let rest = bytes
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return rest
      throw error
    }
  }
  return rest
}

/**
 * The io of this process. A consumer that goes away is told to `onClosed` once; what is written after that is dropped.
 * Streams are opened at first use: each costs a short-lived command a good part of its time.
 */
export function processIo(refuseColour: boolean, onClosed: () => void): Io {
  const { env } = process
  let closed = false
  const gone = () => {
    if (closed) return
    closed = true
    onClosed()
  }
  const stdout = once(() => process.stdout.on('error', gone))
  // Whoever closes stderr does not want to read it: that ends nothing.
  const stderr = once(() => process.stderr.on('error', () => undefined))
  // Whether it is a terminal is asked of the file first: the stream of anything else need not be made for that.
  const terminal = once(() => fstatSync(1).isCharacterDevice() && stdout().isTTY === true)
  const outPaint = once(() => createPaint(wantsColour({ isTTY: terminal() }, env, refuseColour)))
  // As soon as something had to go through the stream, the rest goes behind it.
  let streaming = false
  const errPaint = once(() => createPaint(wantsColour(stderr(), env, refuseColour)))
  return {
    env,
    cwd: process.cwd(),
    out: async (text) => {
      if (closed) return
      let rest = typeof text === 'string' ? Buffer.from(text) : text
      if (!streaming) {
        try {
          rest = writeNow(1, rest)
        } catch {
          gone()
          return
        }
        if (rest.length === 0) return
        streaming = true
      }
      await new Promise<void>((resolve) => stdout().write(rest, () => resolve()))
    },
    note: (line) => void stderr().write(`${line}\n`),
    get stdin() {
      return process.stdin
    },
    get stderr() {
      return stderr()
    },
    get outIsTerminal() {
      return terminal()
    },
    get errIsTerminal() {
      return stderr().isTTY === true
    },
    get outPaint() {
      return outPaint()
    },
    get errPaint() {
      return errPaint()
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
