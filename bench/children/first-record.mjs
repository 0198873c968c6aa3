// From a broker's address to the first record that a group has consumed, with one client for every side. Imported by both children.
import { Kafka, logLevel } from 'kafkajs'
import { epoch } from '../lib/process.mjs'

/** @returns epoch ms of the moments */
export async function firstRecord(bootstrap) {
  const kafka = new Kafka({
    brokers: bootstrap.split(','),
    clientId: 'bench',
    logLevel: logLevel.NOTHING,
    // A broker that logs "started" a moment before it listens must not cost a side a long pause.
    retry: { initialRetryTime: 30, factor: 0, multiplier: 1, retries: 300 },
  })
  const admin = kafka.admin()
  await admin.connect()
  const connectedAt = epoch()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'first', numPartitions: 1, replicationFactor: 1 }] })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  await producer.send({ topic: 'first', acks: -1, messages: [{ key: 'k', value: 'v' }] })
  const producedAt = epoch()
  const consumer = kafka.consumer({
    groupId: 'first',
    maxWaitTimeInMs: 50,
    retry: { initialRetryTime: 30, factor: 0, multiplier: 1, retries: 300 },
  })
  await consumer.connect()
  await consumer.subscribe({ topics: ['first'], fromBeginning: true })
  const consumedAt = await new Promise((resolve, reject) => {
    // One that starts again by itself is slow, not lost.
    consumer.on('consumer.crash', ({ payload }) => payload.restart || reject(payload.error))
    consumer.run({ eachMessage: async () => resolve(epoch()) }).catch(reject)
  })
  await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()])
  return { connectedAt, producedAt, consumedAt }
}
