// Where bytes stop being UTF-8.

/** Byte offset of the first byte that is not UTF-8; `bytes` is known to hold one. */
export function invalidUtf8At(bytes: Buffer): number {
  const text = bytes.toString('utf8')
  for (let index = text.indexOf('\ufffd'); index >= 0; index = text.indexOf('\ufffd', index + 1)) {
    const offset = Buffer.byteLength(text.slice(0, index))
    // The decoder's replacement, or the same character written in the file.
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return offset
  }
  return 0
}
