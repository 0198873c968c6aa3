// Wanted nodes + what exists now -> Plan. Pure: takes every decision, has no effect. engine/apply walks the result.
import { DevclusterError } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { Plan, Step } from '../model/plan.ts'
import type { Observed, ObservedNode } from '../model/runtime.ts'
import { whyChanged } from './why-changed.ts'

/** What the planner must know of a service beside its nodes. */
export interface PlannedService {
  readonly name: string
  readonly needs: readonly string[]
  readonly hasUsable: boolean
  readonly hasSeeds: boolean
  /** The same declarations were seeded into these very nodes before. */
  readonly seeded: boolean
}

export interface DiffInput {
  readonly cluster: string
  readonly nodes: readonly NodeSpec[]
  readonly services: readonly PlannedService[]
  readonly observed: Observed
  /** Node specs of the last `up`, by id: causes are told from them. */
  readonly previous: Readonly<Record<string, NodeSpec>>
  /** Allow what destroys data: `--recreate`. */
  readonly recreate: boolean
}

/** `a` < `b` for dotted versions. */
function isLower(a: string, b: string): boolean {
  const left = a.split('.').map(Number)
  const right = b.split('.').map(Number)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? 0, right[i] ?? 0]
    if (x !== y) return x < y
  }
  return false
}

/** Why the existing data of a service cannot be used by the wanted nodes; empty when it can. */
function incompatibilities(wanted: readonly NodeSpec[], input: DiffInput, service: string): string[] {
  const reasons: string[] = []
  const known = new Set([...Object.keys(input.observed.nodes), ...input.observed.data])
  for (const node of wanted) {
    const before = input.previous[node.id]
    if (!before || !known.has(node.id)) continue
    for (const [key, value] of Object.entries(node.identity)) {
      const old = before.identity[key]
      if (old === undefined || old === value) continue
      if (key === 'version') {
        if (isLower(value, old)) reasons.push(`${node.id}: version ${old} -> ${value} is a downgrade`)
      } else reasons.push(`${node.id}: ${key} ${old} -> ${value}`)
    }
  }
  const ids = new Set(wanted.map((node) => node.id))
  for (const before of Object.values(input.previous)) {
    if (before.service === service && !ids.has(before.id) && known.has(before.id))
      reasons.push(`${before.id} (${before.role}) would be removed`)
  }
  return reasons
}

/** @throws DevclusterError RECREATE_NEEDED when existing data cannot be used and `recreate` is false. */
export function diff(input: DiffInput): Plan {
  const steps = new Map<string, Step>()
  const add = (step: Step) => {
    steps.set(step.id, step)
  }
  const wantedIds = new Set(input.nodes.map((node) => node.id))

  for (const [id, node] of Object.entries(input.observed.nodes)) {
    const service = input.services.find((s) => s.name === (input.previous[id]?.service ?? node.service))
    if (!wantedIds.has(id) && !service) {
      add({
        id: `remove ${id}`,
        op: { do: 'remove', node: id, keepData: true },
        because: 'no longer in the file (its data stays until `down`)',
        needs: [],
        changes: true,
      })
    }
  }

  for (const service of input.services) planService(service, input, add)
  return { cluster: input.cluster, steps: dropUnknownNeeds([...steps.values()]) }
}

function dropUnknownNeeds(steps: readonly Step[]): Step[] {
  const ids = new Set(steps.map((step) => step.id))
  return steps.map((step) => ({ ...step, needs: step.needs.filter((need) => ids.has(need)) }))
}

/** The last step of a service: what others wait for. */
function readyStep(service: PlannedService, nodes: readonly NodeSpec[]): string[] {
  if (service.hasSeeds) return [`seed ${service.name}`]
  if (service.hasUsable) return [`usable ${service.name}`]
  return nodes.filter((node) => node.service === service.name).map((node) => `wait ${node.id}`)
}

function planService(service: PlannedService, input: DiffInput, add: (step: Step) => void): void {
  const nodes = input.nodes.filter((node) => node.service === service.name)
  const reasons = incompatibilities(nodes, input, service.name)
  const wipe = reasons.length > 0
  if (wipe && !input.recreate) {
    throw new DevclusterError('RECREATE_NEEDED', `${service.name}: its data cannot be kept: ${reasons.join('; ')}`, {
      hint: 'devcluster up --recreate removes the data of this service and builds it anew; or undo the change',
      data: { service: service.name, reasons },
    })
  }
  const removals: string[] = []
  if (wipe) {
    const doomed = new Set([
      ...Object.values(input.previous)
        .filter((n) => n.service === service.name)
        .map((n) => n.id),
      ...nodes.map((n) => n.id),
    ])
    for (const id of doomed) {
      if (!(id in input.observed.nodes) && !input.observed.data.includes(id)) continue
      removals.push(`remove ${id}`)
      add({ id: `remove ${id}`, op: { do: 'remove', node: id, keepData: false }, because: reasons.join('; '), needs: [], changes: true })
    }
  }

  const upstream = service.needs.flatMap((name) => {
    const needed = input.services.find((s) => s.name === name)
    return needed ? readyStep(needed, input.nodes) : []
  })
  const rolling: string[] = []
  const starting: NodeSpec[] = []
  const byStopOrder = [...nodes].sort((a, b) => a.shape.stopRank - b.shape.stopRank || a.index - b.index)
  for (const node of byStopOrder) {
    const seen: ObservedNode | undefined = wipe ? undefined : input.observed.nodes[node.id]
    const hasData = !wipe && input.observed.data.includes(node.id)
    const startNeeds = [`fetch ${service.name}`, ...upstream, ...removals, ...afterSteps(node)]
    if (seen?.state === 'frozen' && seen.fingerprint === node.fingerprint) {
      add({ id: `thaw ${node.id}`, op: { do: 'thaw', node: node.id }, because: 'paused', needs: [], changes: true })
      add(waitStep(node, [`thaw ${node.id}`]))
    } else if (seen && seen.state !== 'stopped' && seen.fingerprint === node.fingerprint) {
      add(waitStep(node, []))
    } else if (seen && seen.state !== 'stopped') {
      // A rolling restart: one node at a time, the next only when this one is back.
      const because = whyChanged(input.previous[node.id], node)
      const previous = rolling.at(-1)
      add({
        id: `stop ${node.id}`,
        op: { do: 'stop', node: node.id },
        because,
        needs: [`fetch ${service.name}`, ...upstream, ...(previous ? [`wait ${previous}`] : [])],
        changes: true,
      })
      add({
        id: `start ${node.id}`,
        op: { do: 'start', node: node.id, rejoin: true },
        because,
        needs: [`stop ${node.id}`, ...startNeeds],
        changes: true,
      })
      add(waitStep(node, [`start ${node.id}`]))
      rolling.push(node.id)
      starting.push(node)
    } else {
      add({
        id: `start ${node.id}`,
        op: { do: 'start', node: node.id, rejoin: hasData },
        because: whyStart(seen, hasData, wipe),
        needs: startNeeds,
        changes: true,
      })
      add(waitStep(node, [`start ${node.id}`]))
      starting.push(node)
    }
  }
  if (starting.length > 0) {
    add({
      id: `fetch ${service.name}`,
      op: { do: 'fetch', nodes: starting.map((node) => node.id) },
      because: `${starting.length} to start`,
      needs: [],
      changes: false,
    })
  }
  planReady(service, nodes, wipe || starting.some((node) => !input.observed.data.includes(node.id)), add)
}

function planReady(service: PlannedService, nodes: readonly NodeSpec[], fresh: boolean, add: (step: Step) => void): void {
  const waits = nodes.map((node) => `wait ${node.id}`)
  if (service.hasUsable) {
    add({
      id: `usable ${service.name}`,
      op: { do: 'usable', service: service.name },
      because: 'prove the whole service',
      needs: waits,
      changes: false,
    })
  }
  if (!service.hasSeeds) return
  const changes = fresh || !service.seeded
  const because = fresh ? 'new' : service.seeded ? 'prove what is declared' : 'its declarations changed'
  if (changes)
    add({
      id: `check-seeds ${service.name}`,
      op: { do: 'check-seeds', service: service.name },
      because: 'before anything is sent',
      needs: [],
      changes: false,
    })
  const before = service.hasUsable ? [`usable ${service.name}`] : waits
  add({
    id: `seed ${service.name}`,
    op: { do: 'seed', service: service.name },
    because,
    needs: [...before, `check-seeds ${service.name}`],
    changes,
  })
}

function waitStep(node: NodeSpec, needs: readonly string[]): Step {
  return { id: `wait ${node.id}`, op: { do: 'wait', node: node.id }, because: 'ready is proven, not assumed', needs, changes: false }
}

function afterSteps(node: NodeSpec): string[] {
  return node.shape.after.map((after) => (after.until === 'ready' ? `wait ${after.node}` : `start ${after.node}`))
}

function whyStart(seen: ObservedNode | undefined, hasData: boolean, wipe: boolean): string {
  if (wipe) return 'recreated'
  if (!seen) return hasData ? 'it is gone, its data is here' : 'new'
  const exit = seen.exit
  if (!exit || exit.expected) return 'stopped'
  if (exit.outOfMemory) return 'killed by its memory limit'
  if (exit.signal) return `killed by ${exit.signal}`
  return exit.code === null ? 'it ended' : `it ended with exit code ${exit.code}`
}
