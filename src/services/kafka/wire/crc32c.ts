// CRC-32C (Castagnoli), slicing by eight: Kafka's record batches carry it (KIP-98). zlib's crc32 is another polynomial.

const TABLES = makeTables()

function makeTables(): readonly Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256))
  const [first] = tables
  if (!first) return tables
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
    first[n] = c
  }
  for (let t = 1; t < 8; t++) {
    const before = tables[t - 1] ?? first
    const table = tables[t] ?? first
    for (let n = 0; n < 256; n++) {
      const c = before[n] ?? 0
      table[n] = (first[c & 0xff] ?? 0) ^ (c >>> 8)
    }
  }
  return tables
}

// Hoisted so that the hot loop sees monomorphic typed arrays; eight tables always exist.
const EMPTY = new Int32Array(256)
const [T0 = EMPTY, T1 = EMPTY, T2 = EMPTY, T3 = EMPTY, T4 = EMPTY, T5 = EMPTY, T6 = EMPTY, T7 = EMPTY] = TABLES

/** CRC-32C of `bytes[from, to)` as an unsigned number. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = -1
  let i = from
  const wholeEnd = from + ((to - from) & ~7)
  while (i < wholeEnd) {
    const a = crc ^ at(bytes, i) ^ (at(bytes, i + 1) << 8) ^ (at(bytes, i + 2) << 16) ^ (at(bytes, i + 3) << 24)
    crc =
      word(T7, a & 0xff) ^
      word(T6, (a >>> 8) & 0xff) ^
      word(T5, (a >>> 16) & 0xff) ^
      word(T4, a >>> 24) ^
      word(T3, at(bytes, i + 4)) ^
      word(T2, at(bytes, i + 5)) ^
      word(T1, at(bytes, i + 6)) ^
      word(T0, at(bytes, i + 7))
    i += 8
  }
  for (; i < to; i++) crc = word(T0, (crc ^ at(bytes, i)) & 0xff) ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function word(table: Int32Array, index: number): number {
  return table[index] ?? 0
}
