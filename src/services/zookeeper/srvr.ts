// Asks a member `srvr` over TCP and reads the answer. Node's built-ins only: `status` uses it too.
import { connect } from 'node:net'
import type { Address } from '../../model/placement.ts'

export type Mode = 'leader' | 'follower' | 'observer' | 'standalone'

export interface Srvr {
  readonly mode: Mode
  readonly version: string
  readonly connections: number
  readonly outstanding: number
}

/** Reads the answer of `srvr`; undefined when the member serves nobody ("This ZooKeeper instance is not currently serving requests"). */
export function parseSrvr(text: string): Srvr | undefined {
  const line = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(text)?.[1] ?? ''
  const mode = line('Mode')
  if (mode !== 'leader' && mode !== 'follower' && mode !== 'observer' && mode !== 'standalone') return undefined
  return {
    mode,
    version: line('Zookeeper version').split('-')[0] ?? '',
    connections: Number(line('Connections')) || 0,
    outstanding: Number(line('Outstanding')) || 0,
  }
}

/** Sends a four-letter command and collects the answer (the server closes). Rejects when the connection fails or the signal aborts. */
export function fourLetters(address: Address, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Error(`no answer from ${address.host}:${address.port} in time`))
      return
    }
    let answer = ''
    const socket = connect(address.port, address.host)
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      settle()
    }
    const onAbort = () => finish(() => reject(new Error(`no answer from ${address.host}:${address.port} in time`)))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(command))
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('error', (error) => finish(() => reject(error)))
    // A connect through a container engine's forwarder succeeds with nobody behind it: an empty answer is none.
    socket.on('close', () =>
      finish(() => (answer === '' ? reject(new Error(`${address.host}:${address.port} closed without an answer`)) : resolve(answer))),
    )
  })
}
