// Passes: what only makes sense once all services are known: the services' own checks, ports used twice, what the chosen runtime cannot run.
import type { NodeShape } from '../../model/shape.ts'
import type { ClusterSpec } from '../../model/spec.ts'
import { type Draft, type DraftService, toClusterSpec, toServiceSpec } from '../draft.ts'
import { nodeAt, type Path, type TreeNode } from '../tree.ts'

/** Runs a service's own rule. A document with errors may show it what it never expects; then its failure says nothing. */
function attempt<T>(draft: Draft, rule: () => T): T | undefined {
  try {
    return rule()
  } catch (error) {
    if (draft.failed) return undefined
    throw error
  }
}

/** Semantic findings of the services. */
export function runChecks(draft: Draft): void {
  const cluster = toClusterSpec(draft)
  for (const service of draft.taking) {
    const findings = attempt(draft, () => service.definition?.check?.(toServiceSpec(service), cluster)) ?? []
    for (const finding of findings) if (!isDoubtful(service, finding.message)) draft.reportIn(service, finding)
  }
}

/** A rule that speaks of a value which is a guess: it may hold once that value is mended. */
function isDoubtful(service: DraftService, message: string): boolean {
  const words = new Set(message.match(/[A-Za-z0-9_-]+/g))
  return [...service.doubts].some((key) => words.has(key))
}

/** A kind that the runtime named in the file, or by the caller, cannot run. With `auto` the choice of runtime decides later. */
export function checkRuntime(draft: Draft): void {
  const { runtime } = draft
  if (runtime === 'auto') return
  const via = runtime === 'docker' ? 'container' : 'process'
  for (const service of draft.services) {
    const { definition } = service
    if (!service.active || !definition) continue
    if (!definition.runs.includes(via)) {
      const what = service.name === service.kind ? service.name : `${service.name} (kind ${service.kind})`
      const how = via === 'process' ? 'as a plain process' : 'in a container'
      const other = via === 'process' ? 'docker' : 'process'
      const hint = `use runtime: ${other}, or leave ${service.name} out`
      draft.reportIn(service, {
        path: [],
        at: 'key',
        code: 'RUNTIME_UNSUPPORTED',
        message: `${what} cannot run ${how}, and the runtime is ${runtime}`,
        hint,
      })
    }
    if (via === 'process') {
      for (const key of ['volumes', 'image'] as const) {
        if (service.common[key] !== undefined)
          draft.reportIn(service, { severity: 'warning', path: [key], at: 'key', message: `${key}: has no effect on plain processes` })
      }
    }
  }
}

interface Claim {
  readonly service: DraftService
  readonly node: string
  readonly port: string
}

/** Fixed ports of the host that two nodes want. Reported once per pair of services. */
export function checkPorts(draft: Draft): void {
  const cluster = toClusterSpec(draft)
  const claims = new Map<number, Claim>()
  const reported = new Set<string>()
  for (const service of draft.taking) {
    for (const { shape, port, wanted } of fixedPorts(attempt(draft, () => shapesOf(service, cluster)) ?? [])) {
      const claim = { service, node: shape.id, port }
      const first = claims.get(wanted)
      if (!first) {
        claims.set(wanted, claim)
        continue
      }
      const pair = `${first.service.name} ${service.name}`
      if (reported.has(pair)) continue
      reported.add(pair)
      const hint = `give one of them another port, or "auto"`
      const message = `port ${wanted} is used twice: by ${claim.node} (${port}) and ${first.node} (${first.port})`
      draft.reportIn(service, { path: portPath(draft, service, wanted), message, hint })
    }
  }
}

function shapesOf(service: DraftService, cluster: ClusterSpec): readonly NodeShape[] {
  return service.definition?.shape(toServiceSpec(service), cluster) ?? []
}

function fixedPorts(shapes: readonly NodeShape[]): { shape: NodeShape; port: string; wanted: number }[] {
  return shapes.flatMap((shape) =>
    Object.entries(shape.ports).flatMap(([port, { wanted }]) => (wanted === undefined ? [] : [{ shape, port, wanted }])),
  )
}

/** The option behind a port: one with this very value, else the highest `port` below it (brokers count up), else the service as a whole. */
function portPath(draft: Draft, service: DraftService, wanted: number): Path {
  const node = nodeAt(draft.root, service.path)
  const found = node ? portOptions(node, []) : []
  const below = found.filter((option) => option.value <= wanted).sort((a, b) => b.value - a.value)
  return below[0]?.path ?? []
}

function portOptions(node: TreeNode, path: Path): { path: Path; value: number }[] {
  if (node.type === 'map') return [...node.entries].flatMap(([name, entry]) => portOptions(entry.value, [...path, name]))
  if (node.type === 'list') return node.items.flatMap((item, index) => portOptions(item, [...path, index]))
  return typeof node.value === 'number' && path.some((part) => /port/i.test(String(part))) ? [{ path, value: node.value }] : []
}
