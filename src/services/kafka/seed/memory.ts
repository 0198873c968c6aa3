// What is remembered of each declared topic between runs, in SeedMemory under `topic:<name>`.
import type { SeedMemory } from '../../../model/service.ts'

export interface TopicMemory {
  /** Incarnation this is about. */
  readonly id: string
  /** True when this cluster created it: only such a topic is ever recreated without being asked. */
  readonly created: boolean
  /** Settings that the file put on the topic. */
  readonly keys: readonly string[]
  /** Content that was sent, or was being sent. */
  readonly seed?: { readonly hash: string; readonly state: 'started' | 'done'; readonly records: number }
}

/** Undefined when nothing (or something unreadable) is remembered. */
export function recall(memory: SeedMemory, topic: string): TopicMemory | undefined {
  const { id, created, keys, hash, state, records } = memory.get(`topic:${topic}`) ?? {}
  if (typeof id !== 'string') return undefined
  const known = { id, created: created === true, keys: typeof keys === 'string' && keys !== '' ? keys.split(',') : [] }
  if (typeof hash !== 'string' || (state !== 'started' && state !== 'done')) return known
  return { ...known, seed: { hash, state, records: typeof records === 'number' ? records : 0 } }
}

export async function remember(memory: SeedMemory, topic: string, { id, created, keys, seed }: TopicMemory): Promise<void> {
  await memory.put(`topic:${topic}`, { id, created, keys: keys.join(','), ...seed })
}

export async function forget(memory: SeedMemory, topic: string): Promise<void> {
  await memory.delete(`topic:${topic}`)
}
