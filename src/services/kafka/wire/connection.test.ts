// The connection against small servers on loopback that answer, stay silent, or speak something else.
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Api } from './api.ts'
import { Connection } from './connection.ts'

const echo: Api<number, number> = { name: 'Echo', key: 999, version: 0, write: (w, n) => w.int32(n), read: (r) => r.int32() }
const open: Server[] = []
const sockets = new Set<Socket>()

function serve(onRequest: (socket: Socket, request: Buffer) => void): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      sockets.add(socket)
      let rest = Buffer.alloc(0)
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        rest = Buffer.concat([rest, chunk])
        while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
          const end = 4 + rest.readInt32BE(0)
          onRequest(socket, rest.subarray(4, end))
          rest = rest.subarray(end)
        }
      })
    })
    open.push(server)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address) resolve({ host: '127.0.0.1', port: address.port })
      else reject(new Error('no port'))
    })
  })
}

/** The echo of a request: its correlation id, no tags, and its last int32. */
function answer(request: Buffer): Buffer {
  const response = Buffer.alloc(13)
  response.writeInt32BE(9, 0)
  request.copy(response, 4, 4, 8)
  request.copy(response, 9, request.length - 5, request.length - 1)
  return response
}

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of open.splice(0)) server.close()
  sockets.clear()
})

describe('a connection', () => {
  it('must match answers to requests that were sent without waiting, in whatever pieces they come', async () => {
    const place = await serve((socket, request) => {
      const bytes = answer(request)
      socket.write(bytes.subarray(0, 3))
      setImmediate(() => socket.write(bytes.subarray(3)))
    })
    const connection = await Connection.open(place, AbortSignal.timeout(2000))
    const one = await connection.send(echo, 7, AbortSignal.timeout(2000))
    expect(one).toBe(7)
    connection.close()
    await expect(connection.send(echo, 1, AbortSignal.timeout(100))).rejects.toMatchObject({ kind: 'closed' })
  })

  it('must give up on a silent server when the signal says so, and stay usable for what comes later', async () => {
    let requests = 0
    const place = await serve((socket, request) => {
      if (requests++ > 0) socket.write(answer(request))
    })
    const connection = await Connection.open(place, AbortSignal.timeout(2000))
    await expect(connection.send(echo, 1, AbortSignal.timeout(20))).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('no answer in time'),
    })
    await expect(connection.send(echo, 2, AbortSignal.timeout(2000))).resolves.toBe(2)
    connection.close()
  })

  it('must say so when what answers is not Kafka', async () => {
    const place = await serve((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const connection = await Connection.open(place, AbortSignal.timeout(2000))
    await expect(connection.send(echo, 1, AbortSignal.timeout(2000))).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('"HTTP/1.1 400'),
    })
    expect(connection.usable).toBe(false)
  })

  it('must fail everything pending when the server closes', async () => {
    const place = await serve((socket) => socket.end())
    const connection = await Connection.open(place, AbortSignal.timeout(2000))
    const both = await Promise.allSettled([
      connection.send(echo, 1, AbortSignal.timeout(2000)),
      connection.send(echo, 2, AbortSignal.timeout(2000)),
    ])
    expect(both.map((one) => one.status === 'rejected' && one.reason.kind)).toEqual(['closed', 'closed'])
  })

  it('must tell a refused connection from a silent one', async () => {
    const place = await serve(() => undefined)
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve))
    await expect(Connection.open(place, AbortSignal.timeout(2000))).rejects.toMatchObject({
      kind: 'refused',
      message: `127.0.0.1:${place.port} refuses connections`,
    })
  })
})
