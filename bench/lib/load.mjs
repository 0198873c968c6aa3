// Writes megabytes into a topic at the speed of the broker: one prepared batch, sent again and again, several requests under way. Measures only that.
import { sleep } from './process.mjs'
import { createTopics, listOffsets, metadata, openConnection, produce } from './wire.mjs'

const RECORDS = 100
const RECORD_BYTES = 1000
const IN_FLIGHT = 5
const PARTITIONS = 6
const SERVES_WITHIN_MS = 60_000

/** CRC-32C, bit by bit: it is asked for once. */
function crc32c(bytes) {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ -1) >>> 0
}

/** Zigzag varint of a number that is not negative. */
function varint(value) {
  const bytes = []
  let rest = value * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

/** A record batch of format 2 (KIP-98) without compression and producer id. */
function recordBatch() {
  const value = Buffer.alloc(RECORD_BYTES, 'devcluster-')
  const records = Array.from({ length: RECORDS }, (_, i) => {
    // Attributes, timestamp delta, offset delta, no key (-1 in zigzag), value, no headers.
    const body = Buffer.concat([Buffer.from([0, 0]), varint(i), Buffer.from([1]), varint(value.length), value, varint(0)])
    return Buffer.concat([varint(body.length), body])
  })
  const head = Buffer.alloc(61)
  const all = Buffer.concat([head, ...records])
  all.writeInt32BE(all.length - 12, 8)
  all.writeInt32BE(-1, 12)
  all.writeInt8(2, 16)
  all.writeInt32BE(RECORDS - 1, 23)
  const now = BigInt(Date.now())
  all.writeBigInt64BE(now, 27)
  all.writeBigInt64BE(now, 35)
  all.fill(0xff, 43, 57)
  all.writeInt32BE(RECORDS, 57)
  all.writeUInt32BE(crc32c(all.subarray(21)), 17)
  return all
}

/** Waits until the broker leads every partition of the topic and answers for them. */
async function serves(connection, topic) {
  const until = performance.now() + SERVES_WITHIN_MS
  while (performance.now() < until) {
    const [info] = (await connection.ask(metadata, { topics: [topic] })).topics
    if (info?.partitions.length === PARTITIONS && info.partitions.every(({ leader }) => leader >= 0)) {
      const errors = await connection.ask(listOffsets, { topics: [{ name: topic, indexes: info.partitions.map(({ index }) => index) }] })
      if (errors.every((error) => error === 0)) return
    }
    await sleep(10)
  }
  throw new Error(`topic ${topic} does not serve within ${SERVES_WITHIN_MS / 1000} s`)
}

/** Into one broker that stands alone, every batch acknowledged. @returns MB per second, 1 MB = 10^6 bytes of values */
export async function load(port, megabytes) {
  const connection = await openConnection(port)
  try {
    const topic = 'load'
    const [created] = await connection.ask(createTopics, { topics: [{ name: topic, partitions: PARTITIONS, replicas: 1 }] })
    if (created.error !== 0) throw new Error(`creating topic ${topic}: error ${created.error}`)
    await serves(connection, topic)
    const batch = recordBatch()
    let left = (megabytes * 1e6) / (RECORDS * RECORD_BYTES)
    const begin = performance.now()
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        while (left > 0) {
          const error = await connection.ask(produce, { topic, partition: left-- % PARTITIONS, batch })
          if (error !== 0) throw new Error(`producing into ${topic}: error ${error}`)
        }
      }),
    )
    return megabytes / ((performance.now() - begin) / 1000)
  } finally {
    connection.close()
  }
}
