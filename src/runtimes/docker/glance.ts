// One look at the containers of a cluster for the hot paths: one connection to a local engine's socket, one request, no HTTP library.
// Says nothing about why an engine does not answer, and knows no other way to an engine: for both there is the runtime.
import { connect } from 'node:net'
import type { ObservedNode } from '../../model/runtime.ts'
import type { ContainerSummary } from './api.ts'
import { candidates, surroundings } from './endpoint.ts'
import { ofCluster } from './labels.ts'
import { nodeOf } from './summary.ts'

/** A local engine that takes longer is asked by the runtime, which is patient, ms. */
const WITHIN_MS = 1_000
/** A list of a few dozen containers is some 100 kB. */
const MAX_BYTES = 16 * 1024 * 1024

/** The answer's body. HTTP/1.0 (RFC 1945): it ends where the connection ends, and is never chunked. */
function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const socket = connect(socketPath)
    socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error('no answer in time')))
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > MAX_BYTES) socket.destroy(new Error('too long an answer'))
    })
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const bodyAt = text.indexOf('\r\n\r\n')
      if (bodyAt >= 0 && /^HTTP\/1\.[01] 200 /.test(text) && !/\r\ntransfer-encoding:/i.test(text.slice(0, bodyAt + 2)))
        resolve(text.slice(bodyAt + 4))
      else reject(new Error('not the answer of an engine'))
    })
    socket.write(`GET ${path} HTTP/1.0\r\nHost: docker\r\n\r\n`)
  })
}

async function ask(path: string): Promise<string> {
  let failure: unknown = new Error('no engine')
  for (const endpoint of candidates(surroundings())) {
    if (endpoint.type !== 'unix') throw new Error('not a local socket')
    try {
      return await get(endpoint.path, path)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** The nodes of a cluster that have a container. @throws whatever keeps a local engine from answering at once */
export async function glance(clusterId: string): Promise<readonly ObservedNode[]> {
  const query = `all=true&filters=${encodeURIComponent(JSON.stringify({ label: [ofCluster(clusterId)] }))}`
  const found: unknown = JSON.parse(await ask(`/containers/json?${query}`))
  if (!Array.isArray(found)) throw new Error('not a list of containers')
  return found.flatMap((container: ContainerSummary) => nodeOf(container) ?? [])
}
