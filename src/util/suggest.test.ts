import { expect, it } from 'vitest'
import { suggest } from './suggest.ts'

it('must find the word that was meant', () => {
  expect(suggest('brokres', ['brokers', 'controllers', 'port'])).toBe('brokers')
  expect(suggest('retention.sm', ['retention.ms', 'retention.bytes'])).toBe('retention.ms')
  expect(suggest('minInsyncReplicas', ['min.insync.replicas', 'max.message.bytes'])).toBe('min.insync.replicas')
})

it('must stay silent where nothing is near', () => {
  expect(suggest('elephant', ['port', 'heap'])).toBeUndefined()
  expect(suggest('x', [])).toBeUndefined()
})
