// The judge of "usable", a process of its own that knows neither side: asks every address every few milliseconds over its own small client.
//   kafka: every broker answers Metadata and lists all N; with `topic`, each partition of it has all N in its in-sync set, by every broker.
//   zookeeper: every member answers `srvr` with a mode, one of them leads (or stands alone).
// Driven over IPC: { kind, ports, topic? } -> { at } (epoch ms).
import { connect } from 'node:net'
import { epoch, sleep } from './process.mjs'

const STEP_MS = 5
const TRY_MS = 250

function metadataRequest(topic) {
  const name = topic === undefined ? Buffer.alloc(0) : Buffer.from(topic)
  const body = Buffer.alloc(topic === undefined ? 4 : 6)
  // Version 1: an empty list asks for no topic.
  body.writeInt32BE(topic === undefined ? 0 : 1, 0)
  if (topic !== undefined) body.writeInt16BE(name.length, 4)
  const client = Buffer.from('probe')
  const header = Buffer.alloc(10)
  header.writeInt16BE(3, 0)
  header.writeInt16BE(1, 2)
  header.writeInt32BE(1, 4)
  header.writeInt16BE(client.length, 8)
  const message = Buffer.concat([header, client, body, name])
  const size = Buffer.alloc(4)
  size.writeInt32BE(message.length, 0)
  return Buffer.concat([size, message])
}

/** Brokers and partitions of a Metadata v1 answer (KIP-4). */
function parseMetadata(buffer) {
  let at = 8
  const int16 = () => {
    at += 2
    return buffer.readInt16BE(at - 2)
  }
  const int32 = () => {
    at += 4
    return buffer.readInt32BE(at - 4)
  }
  const text = () => {
    const length = int16()
    if (length > 0) at += length
  }
  const list = (item) => Array.from({ length: Math.max(0, int32()) }, item)
  const brokers = list(() => {
    const id = int32()
    text()
    int32()
    text()
    return id
  })
  int32()
  const partitions = list(() => {
    int16()
    text()
    at += 1
    return list(() => {
      int16()
      int32()
      const leader = int32()
      const replicas = list(int32)
      const inSync = list(int32)
      return { leader, replicas, inSync }
    })
  }).flat()
  return { brokers, partitions }
}

/** One question on a connection of its own; undefined when there is no whole answer in time. */
function ask(port, question, whole) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    let got = Buffer.alloc(0)
    const end = (answer) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(answer)
    }
    const limit = setTimeout(() => end(undefined), TRY_MS)
    socket.once('connect', () => socket.write(question))
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      if (whole(got)) end(got)
    })
    socket.once('error', () => end(undefined))
    socket.once('close', () => end(undefined))
  })
}

const kinds = {
  async kafka({ ports, topic }) {
    const complete = (got) => got.length >= 4 && got.length >= 4 + got.readInt32BE(0)
    const question = metadataRequest(topic)
    const answers = await Promise.all(ports.map((port) => ask(port, question, complete)))
    return answers.every((answer) => {
      if (!answer) return false
      const { brokers, partitions } = parseMetadata(answer)
      if (brokers.length !== ports.length) return false
      return (
        topic === undefined || (partitions.length > 0 && partitions.every((one) => one.leader >= 0 && one.inSync.length === ports.length))
      )
    })
  },
  async zookeeper({ ports }) {
    const answers = await Promise.all(ports.map((port) => ask(port, 'srvr', (got) => /\nMode: \w+\n/.test(String(got)))))
    const modes = answers.map((answer) => /\nMode: (\w+)\n/.exec(String(answer ?? ''))?.[1])
    return modes.every(Boolean) && modes.filter((mode) => mode === 'leader' || mode === 'standalone').length === 1
  },
}

let task
process.on('message', (message) => {
  task = message
  if (!message) return
  void (async () => {
    while (task === message) {
      if (await kinds[message.kind](message)) {
        if (task === message) process.send({ at: epoch() })
        task = undefined
        return
      }
      await sleep(STEP_MS)
    }
  })()
})
process.on('disconnect', () => process.exit())
