// Takes apart the engine's multiplexed output (8-byte header per frame) and cuts streams into lines. Pure transforms over chunks.
// Format: Docker Engine API, "Attach to a container", stream format.

export interface Frame {
  readonly stream: 'stdout' | 'stderr'
  readonly data: Buffer
}

/** Frames of a multiplexed stream; a frame cut off by the end of the stream is delivered as far as it came. */
export async function* demux(chunks: AsyncIterable<unknown>): AsyncGenerator<Frame> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    if (!Buffer.isBuffer(chunk)) continue
    held = held.byteLength === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.byteLength >= 8) {
      const size = held.readUInt32BE(4)
      if (held.byteLength < 8 + size) break
      yield { stream: held[0] === 2 ? 'stderr' : 'stdout', data: held.subarray(8, 8 + size) }
      held = held.subarray(8 + size)
    }
  }
  if (held.byteLength > 8) yield { stream: held[0] === 2 ? 'stderr' : 'stdout', data: held.subarray(8) }
}

/** Collects bytes into lines without their line ends. */
export class LineCutter {
  #held: Buffer[] = []

  /** Lines completed by this chunk. */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let from = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      lines.push(this.#take(chunk.subarray(from, end)))
      from = end + 1
    }
    if (from < chunk.byteLength) this.#held.push(chunk.subarray(from))
    return lines
  }

  /** What is left without a line end. */
  rest(): string[] {
    return this.#held.length === 0 ? [] : [this.#take(Buffer.alloc(0))]
  }

  #take(last: Buffer): string {
    const text = Buffer.concat([...this.#held, last]).toString('utf8')
    this.#held = []
    return text.endsWith('\r') ? text.slice(0, -1) : text
  }
}
