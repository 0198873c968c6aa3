// A server that begins to answer at a random moment and tells which: ZooKeeper's `srvr`, or Kafka's Metadata as a broker alone in its cluster.
// IPC: { protocol, before, port } -> { prepared }, then { openedAt } (epoch ms); 'close' -> { closed }.
// Before it opens, by `before`: nothing listens; a listener takes connections and closes them, as the forwarder of a container engine does with nobody
// behind it; it takes them and says nothing until it opens, as a backlog does; or it answers that it does not serve yet.
import { createServer } from 'node:net'
import { epoch } from '../lib/process.mjs'

const EARLIEST_MS = 40
const LATEST_MS = 360

const int32 = (value) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
/** COMPACT_STRING: its length plus one, as a varint of one byte. */
const compact = (text) => Buffer.from([text.length + 1, ...Buffer.from(text)])
const NO_TAGS = Buffer.from([0])

const protocols = {
  zookeeper: {
    whole: (got) => (String(got) === 'srvr' ? got.length : undefined),
    answer: () =>
      'Zookeeper version: 3.9.4-0, built on 2025-08-19 19:53 UTC\nConnections: 1\nOutstanding: 0\nMode: standalone\nNode count: 5\n',
    notYet: 'This ZooKeeper instance is not currently serving requests\n',
    hangsUp: true,
  },
  kafka: {
    whole: (got) => (got.length >= 4 && got.length >= 4 + got.readInt32BE(0) ? 4 + got.readInt32BE(0) : undefined),
    /** Metadata version 12: brokers, cluster, controller, no topics. */
    answer(question, port) {
      const [key, version] = [question.readInt16BE(4), question.readInt16BE(6)]
      if (key !== 3 || version !== 12) throw new Error(`this server knows Metadata version 12, asked for API ${key} version ${version}`)
      const broker = Buffer.concat([int32(1), compact('127.0.0.1'), int32(port), Buffer.from([0]), NO_TAGS])
      const body = Buffer.concat([
        question.subarray(8, 12),
        NO_TAGS,
        int32(0),
        Buffer.from([2]),
        broker,
        compact('4L6g3nShT-eMCtK--X86sw'),
        int32(1),
        Buffer.from([1]),
        NO_TAGS,
      ])
      return Buffer.concat([int32(body.length), body])
    },
    hangsUp: false,
  },
}

let server
const sockets = new Set()

function prepare({ protocol, before, port }) {
  const { whole, answer, notYet, hangsUp } = protocols[protocol]
  let open = false
  const waiting = []
  server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (!open && before === 'hangs up') {
      socket.destroy()
      return
    }
    let got = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      const length = whole(got)
      if (length === undefined) return
      const question = got.subarray(0, length)
      got = got.subarray(length)
      const reply = () => (hangsUp ? socket.end(answer(question, port)) : socket.write(answer(question, port)))
      if (open) reply()
      else if (before === 'is silent') waiting.push(reply)
      else socket.end(notYet)
    })
  })
  const opens = () => {
    open = true
    process.send({ openedAt: epoch() })
    for (const reply of waiting.splice(0)) reply()
  }
  const listen = (then) => server.listen({ port, host: '127.0.0.1' }, then)
  const afterMs = EARLIEST_MS + Math.random() * (LATEST_MS - EARLIEST_MS)
  const schedule = () => {
    process.send({ prepared: true })
    setTimeout(before === 'refuses' ? () => listen(opens) : opens, afterMs)
  }
  if (before === 'refuses') schedule()
  else listen(schedule)
}

process.on('message', (message) => {
  if (message !== 'close') {
    prepare(message)
    return
  }
  for (const socket of sockets) socket.destroy()
  server.close(() => process.send({ closed: true }))
})
process.on('disconnect', () => process.exit())
