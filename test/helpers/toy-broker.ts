// A broker made of a socket and a script: speaks Kafka's framing on loopback, answers what the test says, and remembers what it was asked.
// It checks nothing and stores nothing.
import { createServer, type Socket } from 'node:net'
import type { MetadataInfo, QuorumInfo } from '../../src/services/kafka/wire/api/metadata.ts'
import type { OffsetAnswer } from '../../src/services/kafka/wire/api/records.ts'
import { Reader } from '../../src/services/kafka/wire/reader.ts'
import { Writer } from '../../src/services/kafka/wire/writer.ts'

/** API keys by name, as far as tests script them. */
export const API = { listOffsets: 2, metadata: 3, createTopics: 19, deleteTopics: 20, describeQuorum: 55, unregisterBroker: 64 } as const

/** Writes the body of the answer to a request of this API; false: stays silent. */
export type Script = (key: number, w: Writer, body: Reader) => boolean

export interface ToyBroker {
  readonly place: { readonly host: string; readonly port: number }
  /** API keys in the order they came. */
  readonly asked: readonly number[]
  /** Connections so far. */
  readonly connections: () => number
  close(): Promise<void>
}

export function toyBroker(script: Script): Promise<ToyBroker> {
  const asked: number[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const answer = (socket: Socket, request: Reader) => {
    const key = request.int16()
    request.int16()
    const correlation = request.int32()
    request.skip(request.int16())
    request.tags()
    asked.push(key)
    const w = new Writer().int32(0).int32(correlation).tags()
    if (!script(key, w, request)) return
    w.tags()
    w.patchInt32(w.length - 4, 0)
    socket.write(w.done())
  }
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    let rest = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const end = 4 + rest.readInt32BE(0)
        answer(socket, new Reader(rest.subarray(4, end)))
        rest = rest.subarray(end)
      }
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address !== 'object' || !address) {
        reject(new Error('no port'))
        return
      }
      resolve({
        place: { host: '127.0.0.1', port: address.port },
        asked,
        connections: () => connections,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            for (const socket of sockets) socket.destroy()
          }),
      })
    })
  })
}

export function writeMetadata(w: Writer, info: Partial<MetadataInfo>): void {
  w.int32(0).array(info.brokers ?? [], (broker) => {
    w.int32(broker.id).string(broker.host).int32(broker.port).nullableString(broker.rack).tags()
  })
  w.nullableString(info.clusterId ?? null).int32(info.controllerId ?? -1)
  w.array(info.topics ?? [], (topic) => {
    w.int16(topic.errorCode).string(topic.name).uuid(topic.id).bool(topic.internal)
    w.array(topic.partitions, (partition) => {
      w.int16(partition.errorCode).int32(partition.index).int32(partition.leader).int32(0)
      w.array(partition.replicas, (id) => w.int32(id))
        .array(partition.isr, (id) => w.int32(id))
        .array([], () => undefined)
      w.tags()
    })
    w.int32(0).tags()
  })
}

export function writeOffsets(w: Writer, answers: readonly OffsetAnswer[]): void {
  w.int32(0).array([...new Set(answers.map(({ topic }) => topic))], (topic) => {
    const own = answers.filter((answer) => answer.topic === topic)
    w.string(topic).array(own, ({ partition, errorCode, offset }) => {
      w.int32(partition).int16(errorCode).int64(-1).int64(offset).int32(0).tags()
    })
    w.tags()
  })
}

/** Topic and partition of each question of a ListOffsets request. */
export function readOffsetsRequest(body: Reader): { topic: string; partition: number }[] {
  body.int32()
  body.int8()
  return body
    .array(() => {
      const topic = body.string()
      const partitions = body.array(() => {
        const partition = body.int32()
        body.int32()
        body.int64()
        body.tags()
        return { topic, partition }
      })
      body.tags()
      return partitions
    })
    .flat()
}

export function writeQuorum(w: Writer, { leader, epoch, voters, observers }: QuorumInfo): void {
  const replicas = (list: QuorumInfo['voters']) =>
    w.array(list, ({ id, logEndOffset, lastFetch }) => {
      w.int32(id).int64(logEndOffset).int64(lastFetch).int64(lastFetch).tags()
    })
  w.int16(0).array(['__cluster_metadata'], (topic) => {
    w.string(topic).array([0], (partition) => {
      w.int32(partition).int16(0).int32(leader).int32(epoch).int64(0)
      replicas(voters)
      replicas(observers)
      w.tags()
    })
    w.tags()
  })
}

/** DeleteTopics: one result per name. */
export function writeDeleted(w: Writer, results: readonly { readonly name: string; readonly errorCode: number }[]): void {
  w.int32(0).array(results, ({ name, errorCode }) => w.string(name).uuid('').int16(errorCode).nullableString(null).tags())
}
