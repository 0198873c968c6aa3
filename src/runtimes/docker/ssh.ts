// Reaches an engine over ssh as the Docker command line does: each connection is an `ssh` running `docker system dial-stdio` on the other side.
// The user's own ssh decides about keys, agents, aliases and known hosts (ssh_config(5)); nothing is asked interactively.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { Duplex, type Readable, type Writable } from 'node:stream'
import type { Endpoint } from './endpoint.ts'

type SshEndpoint = Extract<Endpoint, { type: 'ssh' }>

const CONNECT_SECONDS = 10

/** Arguments of ssh for one connection. */
export function sshArguments(endpoint: SshEndpoint): string[] {
  return [
    '-o',
    'BatchMode=yes',
    '-o',
    `ConnectTimeout=${CONNECT_SECONDS}`,
    '-T',
    ...(endpoint.user ? ['-l', endpoint.user] : []),
    // 22 is what an address without a port means: the user's configuration may say another.
    ...(endpoint.port === 22 ? [] : ['-p', String(endpoint.port)]),
    '--',
    endpoint.host,
    'docker system dial-stdio',
  ]
}

/** Both directions of one ssh as one stream. */
class SshConnection extends Duplex {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #complaint = ''
  #answered = false

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, host: string) {
    super({ allowHalfOpen: true })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-1_000)
    })
    child.stdout.on('data', (chunk: Buffer) => {
      this.#answered = true
      if (!this.push(chunk)) child.stdout.pause()
    })
    // Writing to an ssh that has ended fails before its end is told; the end carries the reason.
    child.stdin.on('error', () => undefined)
    child.on('error', (error) => this.destroy(new Error(`ssh cannot be run: ${error.message}`)))
    child.on('close', (code) => {
      // After an answer the end is an end, whatever ssh says about it: an answer cut short is noticed by its reader.
      if (code === 0 || this.#answered || this.destroyed) this.push(null)
      else this.destroy(new Error(`ssh to ${host} ended: ${this.#complaint.trim() || `exit code ${code}`}`))
    })
  }

  /** node:http takes any connection for a socket. */
  setNoDelay(): this {
    return this
  }

  override _read(): void {
    this.#child.stdout.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, () => done())
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill('SIGKILL')
    done(error)
  }
}

/** Opens one connection to the engine's API. */
export function openSsh(endpoint: SshEndpoint): Duplex {
  const child = spawn('ssh', sshArguments(endpoint), { stdio: ['pipe', 'pipe', 'pipe'] })
  return new SshConnection(child, endpoint.host)
}
