// Builds plain NodeSpecs for tests of the planner and the engine.
import type { NodeSpec } from '../../src/model/node.ts'
import type { Observed, ObservedNode } from '../../src/model/runtime.ts'
import type { PlannedService } from '../../src/plan/diff.ts'

export interface NodeOptions {
  readonly service?: string
  readonly role?: string
  readonly index?: number
  readonly stopRank?: number
  readonly fingerprint?: string
  readonly identity?: Readonly<Record<string, string>>
  readonly explain?: NodeSpec['explain']
  readonly after?: NodeSpec['shape']['after']
}

export function node(id: string, options: NodeOptions = {}): NodeSpec {
  const service = options.service ?? id.replace(/-\d+$/, '')
  const role = options.role ?? 'member'
  const index = options.index ?? Number(/\d+$/.exec(id)?.[0] ?? 1)
  const address = { host: '127.0.0.1', port: 20_000 + index }
  return {
    id,
    service,
    kind: 'toy',
    role,
    index,
    shape: {
      id,
      service,
      kind: 'toy',
      role,
      index,
      ports: { client: { container: 1, published: true } },
      after: options.after ?? [],
      stopRank: options.stopRank ?? 0,
    },
    place: { ports: { client: { listen: address, peer: address, host: address } }, dirs: { config: '/c', data: '/d', logs: '/l' } },
    launch: {
      via: 'process',
      distribution: { from: 'path', id: 'toy', program: 'toy', hint: 'none' },
      program: { type: 'native', args: [] },
    },
    env: {},
    files: [],
    stop: { signal: 'SIGTERM', graceMs: 1_000 },
    commands: {},
    explain: options.explain ?? [],
    resources: {},
    volumes: [],
    identity: options.identity ?? {},
    facts: {},
    fingerprint: options.fingerprint ?? `of ${id}`,
  }
}

export function service(name: string, options: Partial<PlannedService> = {}): PlannedService {
  return { name, needs: [], hasUsable: false, hasSeeds: false, seeded: false, ...options }
}

export function seen(spec: NodeSpec, options: Partial<ObservedNode> = {}): ObservedNode {
  return {
    id: spec.id,
    service: spec.service,
    state: 'running',
    fingerprint: spec.fingerprint,
    hostPorts: {},
    handle: 'pid 1',
    standIn: false,
    ...options,
  }
}

export function observed(nodes: readonly ObservedNode[], data: readonly string[] = nodes.map(({ id }) => id)): Observed {
  return { nodes: Object.fromEntries(nodes.map((entry) => [entry.id, entry])), data }
}
