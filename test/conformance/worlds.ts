// Small parts that the worlds of the conformance suite share; imports no test runner, so that helper programs can use it, too.
import type { ClusterRef } from '../../src/model/runtime.ts'
import type { NodeShape } from '../../src/model/shape.ts'
import type { ClusterSpec } from '../../src/model/spec.ts'

export async function until<T>(look: () => Promise<T | undefined | false>, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${look.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export function toyShape(index: number, wanted?: number): NodeShape {
  return {
    id: `toy-${index}`,
    service: 'toy',
    kind: 'toy',
    role: 'member',
    index,
    ports: { client: { container: 7000, published: true, ...(wanted === undefined ? {} : { wanted }) } },
    after: [],
    stopRank: 0,
    containerData: '/data',
  }
}

export function specOf(cluster: ClusterRef): ClusterSpec {
  return {
    id: cluster.id,
    name: cluster.name,
    files: [],
    runtime: 'auto',
    bind: cluster.bind,
    bindIsExplicit: false,
    mirrors: {},
    services: [],
  }
}
