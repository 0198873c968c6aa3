// A hash that tells whether a small file is still the same. Pure JavaScript, because loading node:crypto costs as much as all else that `status` does.
// Not for anything an attacker may choose.

/** 64 bits of two independent multiplicative hashes (FNV-1a, and one with the constants of MurmurHash3's finaliser) and the length, as hex. */
export function contentHash(bytes: Uint8Array): string {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul((b << 13) | (b >>> 19), 0x85ebca6b) ^ byte
  }
  const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
  return `${hex(mix(a))}${hex(mix(b))}${bytes.length.toString(16)}`
}

function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
