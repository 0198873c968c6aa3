// Runs of free ports for files that name theirs; below the range that devcluster and the kernel choose from.
import { createServer } from 'node:net'

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
}

const given = new Set()

/** @returns the first of `count` free ports in a row */
export async function freePorts(count) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const first = 15_000 + Math.floor(Math.random() * 4_900)
    const all = Array.from({ length: count }, (_, i) => first + i)
    if (all.some((port) => given.has(port))) continue
    if (!(await Promise.all(all.map(isFree))).every(Boolean)) continue
    for (const port of all) given.add(port)
    return first
  }
  throw new Error(`no ${count} free ports in a row`)
}

export const range = (first, count) => Array.from({ length: count }, (_, i) => first + i)
