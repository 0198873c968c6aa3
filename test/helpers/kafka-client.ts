// KafkaJS as the judge: a client of another vendor that counts, produces with acks=all and says which values were acknowledged.
import { Kafka, logLevel, type Producer } from 'kafkajs'

export function kafkaOf(bootstrap: string): Kafka {
  return new Kafka({
    brokers: bootstrap.split(','),
    clientId: 'judge',
    logLevel: logLevel.NOTHING,
    retry: { retries: 8, initialRetryTime: 100 },
    requestTimeout: 5_000,
  })
}

/** All values of a topic, up to its end offsets when asked, read in a group of its own. @throws when they do not come in time */
export async function readValues(kafka: Kafka, topic: string, withinMs = 60_000): Promise<string[]> {
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const expected = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  const values: string[] = []
  if (expected === 0) return values
  const consumer = kafka.consumer({ groupId: `judge-${topic}-${Date.now()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  let timer: NodeJS.Timeout | undefined
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${values.length} of ${expected} records of ${topic} within ${withinMs} ms`)), withinMs)
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(message.value?.toString('utf8') ?? '')
            if (values.length >= expected) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    clearTimeout(timer)
    await consumer.disconnect()
  }
  return values
}

export interface Production {
  readonly acknowledged: string[]
  readonly refused: string[]
  stop(): Promise<void>
}

/**
 * Produces small values with acks=all until stopped, ten each 20 ms at most: as many as come while the slowest scenario lasts are still read back
 * in seconds. `limit` ends it sooner. Each batch is for one partition: KafkaJS repeats
 * a send only to brokers that have not answered yet (sendMessages.js), so of a batch for several partitions it would call acknowledged, and never
 * send, the part whose leader moved to a broker that had answered for another partition.
 */
export async function produceOn(kafka: Kafka, topic: string, prefix: string, limit = Number.POSITIVE_INFINITY): Promise<Production> {
  const admin = kafka.admin()
  await admin.connect()
  const partitions = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length ?? 1
  await admin.disconnect()
  const producer: Producer = kafka.producer({ allowAutoTopicCreation: false, idempotent: false })
  await producer.connect()
  const acknowledged: string[] = []
  const refused: string[] = []
  let running = true
  const work = (async () => {
    for (let n = 0; running && n < limit; n += 10) {
      const pause = new Promise((resolve) => setTimeout(resolve, 20))
      const values = Array.from({ length: 10 }, (_, i) => `${prefix}-${n + i}`)
      const partition = (n / 10) % partitions
      try {
        await producer.send({ topic, acks: -1, timeout: 3_000, messages: values.map((value) => ({ key: value, value, partition })) })
        acknowledged.push(...values)
      } catch {
        refused.push(...values)
      }
      await pause
    }
  })()
  return {
    acknowledged,
    refused,
    stop: async () => {
      running = false
      await work
      await producer.disconnect().catch(() => undefined)
    },
  }
}
