import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { choosePort, isPortFree, listeningInodes, PORT_RANGE, portOwner, preferredPort } from './ports.ts'

let server: Server | undefined
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())))

async function listen(host: string): Promise<number> {
  const own = createServer()
  server = own
  await new Promise<void>((resolve) => own.listen(0, host, resolve))
  const address = own.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe('ports', () => {
  it('a key must prefer the same port every time, inside the range', () => {
    for (const key of ['a/kafka-1/client', 'a/kafka-2/client', 'b/kafka-1/client']) {
      const port = preferredPort(key)
      expect(port).toBe(preferredPort(key))
      expect(port).toBeGreaterThanOrEqual(PORT_RANGE.first)
      expect(port).toBeLessThanOrEqual(PORT_RANGE.last)
    }
    expect(preferredPort('a/kafka-1/client')).not.toBe(preferredPort('a/kafka-2/client'))
  })

  it('a kept port must win over the preferred one, unless it is claimed or taken', async () => {
    const base = { key: 'k', host: '127.0.0.1' }
    const free = async () => true
    expect(await choosePort({ ...base, keep: 25_000, claimed: new Set(), isFree: free })).toBe(25_000)
    expect(await choosePort({ ...base, keep: 25_000, claimed: new Set([25_000]), isFree: free })).toBe(preferredPort('k'))
    expect(await choosePort({ ...base, keep: 25_000, claimed: new Set(), isFree: async (port) => port !== 25_000 })).toBe(
      preferredPort('k'),
    )
  })

  it('a kept port must be waited for while its old owner is ending', async () => {
    let asked = 0
    const isFree = async () => ++asked > 3
    expect(await choosePort({ key: 'k', host: '127.0.0.1', keep: 25_000, claimed: new Set(), isFree })).toBe(25_000)
    expect(asked).toBe(4)
  })

  it('the walk must reach the only free port, and end when there is none', async () => {
    expect(await choosePort({ key: 'k', host: '127.0.0.1', claimed: new Set(), isFree: async (port) => port === 31_999 })).toBe(31_999)
    expect(await choosePort({ key: 'k', host: '127.0.0.1', claimed: new Set(), isFree: async () => false })).toBeUndefined()
  })

  it('a listener on loopback or on the wildcard address must make a port taken', async () => {
    const port = await listen('127.0.0.1')
    expect(await isPortFree(port)).toBe(false)
    await new Promise<void>((resolve) => server?.close(() => resolve()))
    expect(await isPortFree(port)).toBe(true)
    const wide = await listen('0.0.0.0')
    expect(await isPortFree(wide)).toBe(false)
  })

  it('the owner of a taken port must be named by pid and command', async () => {
    const port = await listen('127.0.0.1')
    const owner = await portOwner(port)
    expect(owner?.pid).toBe(process.pid)
    expect(owner?.text).toContain(`pid ${process.pid} (`)
    await new Promise<void>((resolve) => server?.close(() => resolve()))
    expect(await portOwner(port)).toBeUndefined()
  })

  it('only listening sockets of that very port must count', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
      '   1: 0100007F:4E20 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1',
      '   2: 0100007F:4E21 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
    ].join('\n')
    expect(listeningInodes(table, 20_000)).toEqual(['111'])
  })
})
