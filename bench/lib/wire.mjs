// The bench's own Kafka client: the few requests it needs, each in one version that Kafka 2.8 to 4.x serve. Shares nothing with the product and knows
// no cluster: one connection, one broker, answers in the order of the questions. It retries nothing.
import { connect } from 'node:net'

const fixed = (bytes, write) => (value) => {
  const buffer = Buffer.alloc(bytes)
  buffer[write](value, 0)
  return buffer
}
const int8 = fixed(1, 'writeInt8')
const int16 = fixed(2, 'writeInt16BE')
const int32 = fixed(4, 'writeInt32BE')
const int64 = (value) => fixed(8, 'writeBigInt64BE')(BigInt(value))
const text = (value) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)])
const list = (items, write) => Buffer.concat([int32(items.length), ...items.map(write)])
const all = (...parts) => Buffer.concat(parts)
// Flexible versions (KIP-482): lengths are varints of the length plus one, and tagged fields end every structure.
const uvarint = (value) => (value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 127) | 128]), uvarint(value >>> 7)]))
const compactText = (value) => all(uvarint(Buffer.byteLength(value) + 1), Buffer.from(value))
const compactList = (items, write) => all(uvarint(items.length + 1), ...items.map(write))
const EMPTY_LIST = uvarint(1)
const NO_TAGS = uvarint(0)
const ID_BYTES = 16

function reader(buffer) {
  let at = 0
  const moved = (bytes) => {
    at += bytes
    return at - bytes
  }
  const self = {
    skip: moved,
    int16: () => buffer.readInt16BE(moved(2)),
    int32: () => buffer.readInt32BE(moved(4)),
    int64: () => Number(buffer.readBigInt64BE(moved(8))),
    text() {
      const length = self.int16()
      const from = moved(Math.max(0, length))
      return length < 0 ? undefined : buffer.toString('utf8', from, from + length)
    },
    list: (item) => Array.from({ length: Math.max(0, self.int32()) }, () => item(self)),
    uvarint() {
      const byte = buffer[moved(1)]
      return byte < 128 ? byte : (byte & 127) + 128 * self.uvarint()
    },
    compactText() {
      const length = self.uvarint() - 1
      const from = moved(Math.max(0, length))
      return length < 0 ? undefined : buffer.toString('utf8', from, from + length)
    },
    compactList: (item) => Array.from({ length: Math.max(0, self.uvarint() - 1) }, () => item(self)),
    id() {
      const from = moved(ID_BYTES)
      return buffer.toString('hex', from, from + ID_BYTES)
    },
    tags() {
      for (let left = self.uvarint(); left > 0; left--) {
        self.uvarint()
        moved(self.uvarint())
      }
    },
  }
  return self
}

/** Brokers and topics; `topics: []` asks for brokers only. Never creates a topic. */
export const metadata = {
  key: 3,
  version: 12,
  flexible: true,
  write: ({ topics }) =>
    all(
      compactList(topics, (name) => all(Buffer.alloc(ID_BYTES), compactText(name), NO_TAGS)),
      int8(0),
      int8(0),
    ),
  read(r) {
    r.skip(4)
    const brokers = r.compactList(() => {
      const broker = { id: r.int32(), host: r.compactText(), port: r.int32() }
      r.compactText()
      r.tags()
      return broker
    })
    r.compactText()
    r.skip(4)
    const topics = r.compactList(() => {
      const topic = { error: r.int16(), name: r.compactText(), id: r.id() }
      r.skip(1)
      const partitions = r.compactList(() => {
        r.skip(2)
        const [index, leader] = [r.int32(), r.int32()]
        r.skip(4)
        const partition = { index, leader, replicas: r.compactList(r.int32), inSync: r.compactList(r.int32) }
        r.compactList(r.int32)
        r.tags()
        return partition
      })
      r.skip(4)
      r.tags()
      return { ...topic, partitions }
    })
    return { brokers, topics }
  },
}

/** @returns the new topics with their ids, or error codes */
export const createTopics = {
  key: 19,
  version: 7,
  flexible: true,
  write: ({ topics }) =>
    all(
      compactList(topics, ({ name, partitions, replicas }) =>
        all(compactText(name), int32(partitions), int16(replicas), EMPTY_LIST, EMPTY_LIST, NO_TAGS),
      ),
      int32(30_000),
      int8(0),
    ),
  read(r) {
    r.skip(4)
    return r.compactList(() => {
      const topic = { name: r.compactText(), id: r.id(), error: r.int16() }
      r.compactText()
      r.skip(6)
      r.compactList(() => {
        r.compactText()
        r.compactText()
        r.skip(3)
        r.tags()
      })
      r.tags()
      return topic
    })
  },
}

/** @returns error code by topic */
export const deleteTopics = {
  key: 20,
  version: 3,
  write: ({ names }) => all(list(names, text), int32(30_000)),
  read(r) {
    r.skip(4)
    return new Map(r.list(() => [r.text(), r.int16()]))
  },
}

/** End offsets. @returns the error codes of all partitions asked for */
export const listOffsets = {
  key: 2,
  version: 1,
  write: ({ topics }) =>
    all(
      int32(-1),
      list(topics, ({ name, indexes }) =>
        all(
          text(name),
          list(indexes, (i) => all(int32(i), int64(-1))),
        ),
      ),
    ),
  read: (r) =>
    r
      .list(() => {
        r.text()
        return r.list(() => {
          r.skip(4)
          const error = r.int16()
          r.skip(16)
          return error
        })
      })
      .flat(),
}

/** One batch for one partition, acknowledged by all in-sync replicas. @returns its error code */
export const produce = {
  key: 0,
  version: 7,
  write: ({ topic, partition, batch }) =>
    all(int16(-1), int16(-1), int32(30_000), int32(1), text(topic), int32(1), int32(partition), int32(batch.length), batch),
  read: (r) =>
    r.list(() => {
      r.text()
      return r.list(() => {
        r.skip(4)
        const error = r.int16()
        r.skip(24)
        return error
      })
    })[0][0],
}

/** Bytes of one request, for those who keep no connection. Its answer: {@link answerOf}. */
export function frame(api, request, correlation = 1) {
  const tags = api.flexible ? NO_TAGS : Buffer.alloc(0)
  const message = all(int16(api.key), int16(api.version), int32(correlation), text('bench'), tags, api.write(request), tags)
  return all(int32(message.length), message)
}

/** Length of the answer at the begin of these bytes, or undefined while it is not whole. */
export function wholeAnswer(bytes) {
  if (bytes.length < 4) return undefined
  const length = 4 + bytes.readInt32BE(0)
  return bytes.length >= length ? length : undefined
}

export function answerOf(api, bytes) {
  const r = reader(bytes.subarray(8))
  if (api.flexible) r.tags()
  return api.read(r)
}

/** @returns {Promise<{ ask: (api: object, request: object) => Promise<any>, close: () => void }>} */
export function openConnection(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    const waiting = []
    let got = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      got = got.length === 0 ? chunk : Buffer.concat([got, chunk])
      for (let length = wholeAnswer(got); length !== undefined; length = wholeAnswer(got)) {
        const { api, settle } = waiting.shift()
        settle(answerOf(api, got.subarray(0, length)))
        got = got.subarray(length)
      }
    })
    const over = (error) => {
      reject(error)
      for (const { fail } of waiting.splice(0)) fail(error)
    }
    socket.once('error', over)
    socket.once('close', () => over(new Error(`127.0.0.1:${port} closed the connection`)))
    socket.once('connect', () =>
      resolve({
        ask: (api, request) =>
          new Promise((settle, fail) => {
            waiting.push({ api, settle, fail })
            socket.write(frame(api, request))
          }),
        close: () => socket.destroy(),
      }),
    )
  })
}
