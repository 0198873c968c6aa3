// Order in a graph of named things: topological order, and the cycle by name when there is none. Pure.

/** A cycle, as names with the first repeated at the end. */
export class CycleError extends Error {
  readonly cycle: readonly string[]
  constructor(cycle: readonly string[]) {
    super(`cycle: ${cycle.join(' -> ')}`)
    this.name = 'CycleError'
    this.cycle = cycle
  }
}

/**
 * Names in an order in which each comes after everything it needs; ties keep the given order.
 * Needs on unknown names are ignored.
 * @throws CycleError
 */
export function topologicalOrder(needs: ReadonlyMap<string, readonly string[]>): string[] {
  const order: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const trail: string[] = []
  const visit = (name: string) => {
    const known = state.get(name)
    if (known === 'done') return
    if (known === 'open') throw new CycleError([...trail.slice(trail.indexOf(name)), name])
    state.set(name, 'open')
    trail.push(name)
    for (const need of needs.get(name) ?? []) if (needs.has(need)) visit(need)
    trail.pop()
    state.set(name, 'done')
    order.push(name)
  }
  for (const name of needs.keys()) visit(name)
  return order
}
