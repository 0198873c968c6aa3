// murmur2 as the Java client's partitioner uses it, so that a record lands on the partition where a Java producer would put it.
// Source: org.apache.kafka.common.utils.Utils.murmur2 (algorithm by Austin Appleby, public domain).

const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** 32-bit murmur2 hash, signed. */
export function murmur2(data: Uint8Array): number {
  const length = data.length
  let h = SEED ^ length
  const words = length >> 2
  for (let i = 0; i < words; i++) {
    const j = i << 2
    let k = at(data, j) | (at(data, j + 1) << 8) | (at(data, j + 2) << 16) | (at(data, j + 3) << 24)
    k = Math.imul(k, M)
    k ^= k >>> R
    k = Math.imul(k, M)
    h = Math.imul(h, M)
    h ^= k
  }
  const tail = words << 2
  const left = length & 3
  if (left > 0) {
    if (left === 3) h ^= at(data, tail + 2) << 16
    if (left >= 2) h ^= at(data, tail + 1) << 8
    h ^= at(data, tail)
    h = Math.imul(h, M)
  }
  h ^= h >>> 13
  h = Math.imul(h, M)
  h ^= h >>> 15
  return h
}

function at(data: Uint8Array, index: number): number {
  return data[index] ?? 0
}

/** Partition of a keyed record: the positive hash modulo the number of partitions. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
