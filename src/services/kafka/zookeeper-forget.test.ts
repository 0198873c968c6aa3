import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { forgetBroker } from './zookeeper-forget.ts'

/** A ZooKeeper of three requests, over a map of paths. */
async function withServer(nodes: Map<string, string>, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    let buffer = Buffer.alloc(0)
    let opened = false
    const answer = (body: Buffer) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(body.length)
      // In two pieces: readers must not rely on packets.
      socket.write(length)
      socket.write(body)
    }
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk])
      while (buffer.length >= 4 && buffer.length >= 4 + buffer.readInt32BE(0)) {
        const request = buffer.subarray(4, 4 + buffer.readInt32BE(0))
        buffer = buffer.subarray(4 + request.length)
        if (!opened) {
          opened = true
          answer(Buffer.alloc(37))
          continue
        }
        const type = request.readInt32BE(4)
        if (type === -11) continue
        const path = request.subarray(12, 12 + request.readInt32BE(8)).toString()
        const header = Buffer.alloc(16)
        request.copy(header, 0, 0, 4)
        const data = nodes.get(path)
        if (data === undefined) header.writeInt32BE(-101, 12)
        if (type === 2) nodes.delete(path)
        const length = Buffer.alloc(4)
        length.writeInt32BE(data?.length ?? 0)
        answer(data !== undefined && type === 4 ? Buffer.concat([header, length, Buffer.from(data), Buffer.alloc(68)]) : header)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    await work(typeof address === 'object' && address ? address.port : 0)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

const signal = () => AbortSignal.timeout(5000)

describe('forgetBroker', () => {
  it('must delete the registration of the dead broker and leave those of the living', async () => {
    const nodes = new Map([
      ['/kafka/brokers/ids/2', '{}'],
      ['/kafka/brokers/ids/1', '{}'],
      ['/kafka/controller', '{"version":2,"brokerid":1}'],
    ])
    await withServer(nodes, (port) => forgetBroker({ host: '127.0.0.1', port }, '/kafka', 2, signal()))
    expect([...nodes.keys()]).toEqual(['/kafka/brokers/ids/1', '/kafka/controller'])
  })
  it('must end the reign of a dead controller', async () => {
    const nodes = new Map([['/kafka/controller', '{"version":2,"brokerid":12,"timestamp":"1"}']])
    await withServer(nodes, (port) => forgetBroker({ host: '127.0.0.1', port }, '/kafka', 1, signal()))
    expect([...nodes.keys()]).toEqual(['/kafka/controller'])
    await withServer(nodes, (port) => forgetBroker({ host: '127.0.0.1', port }, '/kafka', 12, signal()))
    expect([...nodes.keys()]).toEqual([])
  })
  it('must fail where nobody listens', async () => {
    let free = 0
    await withServer(new Map(), (port) => {
      free = port
      return Promise.resolve()
    })
    await expect(forgetBroker({ host: '127.0.0.1', port: free }, '/kafka', 1, signal())).rejects.toThrow('ECONNREFUSED')
  })
})
