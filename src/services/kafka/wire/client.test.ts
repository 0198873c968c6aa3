// Whom the client asks for what only the controller does.
import { afterEach, expect, it } from 'vitest'
import { API, type ToyBroker, toyBroker, writeDeleted, writeMetadata } from '../../../../test/helpers/toy-broker.ts'
import { remove } from '../topics/change.ts'
import { deleteTopics } from './api/topics.ts'
import { KafkaClient } from './client.ts'

const NOT_CONTROLLER = 41
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

/** Two brokers that call `controller()` the controller; the others refuse. */
async function two(controller: () => number): Promise<{ client: KafkaClient; brokers: readonly [ToyBroker, ToyBroker] }> {
  const broker = (id: number) =>
    toyBroker((key, w) => {
      if (key === API.metadata) writeMetadata(w, { controllerId: controller() })
      else writeDeleted(w, [{ name: 't', errorCode: controller() === id ? 0 : NOT_CONTROLLER }])
      return true
    })
  const brokers = [await broker(1), await broker(2)] as const
  const client = new KafkaClient(new Map(brokers.map(({ place }, index) => [index + 1, place])), AbortSignal.timeout(5000))
  open.push(client, ...brokers)
  return { client, brokers }
}

it('must look for the controller once, however often it is asked', async () => {
  const { client, brokers } = await two(() => 2)
  for (let i = 0; i < 3; i++) await client.controller(deleteTopics, { names: ['t'] })
  expect(brokers.map(({ asked }) => asked)).toEqual([[API.metadata], [API.deleteTopics, API.deleteTopics, API.deleteTopics]])
})

it('must look for a controller that has moved', async () => {
  let controller = 1
  const { client, brokers } = await two(() => controller)
  await remove(client, ['t'], AbortSignal.timeout(5000))
  controller = 2
  await remove(client, ['t'], AbortSignal.timeout(5000))
  expect(brokers[0].asked).toEqual([API.metadata, API.deleteTopics, API.deleteTopics, API.metadata])
  expect(brokers[1].asked).toEqual([API.deleteTopics])
})
