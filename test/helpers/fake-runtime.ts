// An in-memory runtime for tests of the core: nodes are entries of a map. Failures are scripted; nothing listens anywhere.
import type { NodeSpec } from '../../src/model/node.ts'
import type { Placement } from '../../src/model/placement.ts'
import type {
  ClusterRef,
  ExecOptions,
  ExecResult,
  LogLine,
  LogOptions,
  NodeExit,
  Observed,
  ObservedNode,
  Runtime,
  StopHow,
} from '../../src/model/runtime.ts'
import type { NodeShape } from '../../src/model/shape.ts'
import type { ClusterSpec } from '../../src/model/spec.ts'

interface FakeNode {
  cluster: string
  name: string
  spec: NodeSpec
  state: ObservedNode['state']
  exit?: NodeExit
  log: string[]
}

export interface FakeFailures {
  /** Called before an operation; throwing makes it fail. `n` counts all operations of this runtime. */
  before?: (operation: string, node: string, n: number) => void
  /** Nodes that end by themselves right after start, with this exit code. */
  diesWith?: Readonly<Record<string, number>>
}

export interface FakeRuntime extends Runtime {
  readonly name: 'fake'
  failures: FakeFailures
  /** Every operation so far: `start toy-1`. */
  readonly operations: string[]
  /** A node as seen by a probe. */
  isRunning(cluster: string, node: string): boolean
  /** Ends a node from outside. */
  die(cluster: string, node: string, how: { code: number | null; signal: string | null; outOfMemory?: boolean }): void
  /** Everything that exists: nodes and data, of all clusters. */
  left(): string[]
}

export function createFakeRuntime(via: 'process' | 'container' = 'process'): FakeRuntime {
  const nodes = new Map<string, FakeNode>()
  const data = new Set<string>()
  const ports = new Set<number>()
  const listeners = new Set<(cluster: string, exit: NodeExit) => void>()
  const operations: string[] = []
  const key = (cluster: string, node: string) => `${cluster}/${node}`

  const end = (node: FakeNode, exit: Omit<NodeExit, 'node' | 'at'>) => {
    node.state = 'stopped'
    node.exit = { node: node.spec.id, at: Date.now(), ...exit }
    const { exit: ended } = node
    for (const listener of listeners) listener(node.cluster, ended)
  }
  const operate = (operation: string, node: string) => {
    operations.push(`${operation} ${node}`)
    runtime.failures.before?.(operation, node, operations.length)
  }
  const observedOf = (node: FakeNode): ObservedNode => ({
    id: node.spec.id,
    service: node.spec.service,
    state: node.state,
    fingerprint: node.spec.fingerprint,
    hostPorts: Object.fromEntries(
      Object.entries(node.spec.place.ports).flatMap(([name, place]) => (place.host ? [[name, place.host.port]] : [])),
    ),
    handle: `fake ${node.spec.id}`,
    standIn: false,
    ...(node.exit ? { exit: node.exit } : {}),
  })

  const runtime: FakeRuntime = {
    name: 'fake',
    via,
    failures: {},
    operations,
    isRunning: (cluster, node) => nodes.get(key(cluster, node))?.state === 'running',
    die: (cluster, id, how) => {
      const node = nodes.get(key(cluster, id))
      if (node && node.state !== 'stopped')
        end(node, { code: how.code, signal: how.signal, outOfMemory: how.outOfMemory ?? false, expected: false })
    },
    left: () => [...nodes.keys(), ...[...data].map((entry) => `data ${entry}`)],
    check: async () => ({ name: 'fake', description: 'an in-memory runtime', remote: false }),
    place: async (cluster: ClusterRef, _spec: ClusterSpec, shapes: readonly NodeShape[], known): Promise<Placement> => {
      const placement: Record<string, Placement[string]> = {}
      let next = 20_000
      const free = () => {
        while (ports.has(next)) next++
        return next
      }
      for (const shape of shapes) {
        const places: Record<string, Placement[string]['ports'][string]> = {}
        for (const [name, port] of Object.entries(shape.ports)) {
          const kept = known.observed.nodes[shape.id]?.hostPorts[name] ?? known.previous?.[shape.id]?.ports[name]?.host?.port
          const chosen = port.wanted ?? kept ?? free()
          ports.add(chosen)
          const address = { host: '127.0.0.1', port: chosen }
          places[name] = port.published ? { listen: address, peer: address, host: address } : { listen: address, peer: address }
        }
        const base = `${cluster.stateDir}/nodes/${shape.id}`
        placement[shape.id] = {
          ports: places,
          dirs: { config: `${base}/config`, data: `${cluster.stateDir}/data/${shape.id}`, logs: `${cluster.stateDir}/logs` },
        }
      }
      return placement
    },
    observe: async (cluster: ClusterRef): Promise<Observed> => ({
      nodes: Object.fromEntries(
        [...nodes.values()].filter((node) => node.cluster === cluster.id).map((node) => [node.spec.id, observedOf(node)]),
      ),
      data: [...data].filter((entry) => entry.startsWith(`${cluster.id}/`)).map((entry) => entry.slice(cluster.id.length + 1)),
    }),
    list: async () => {
      const ids = new Set([...nodes.values()].map((node) => node.cluster))
      return [...ids].map((id) => {
        const own = [...nodes.values()].filter((node) => node.cluster === id)
        return { id, name: own[0]?.name ?? id, nodes: own.map(observedOf) }
      })
    },
    fetch: async (_cluster, wanted, _options, signal) => {
      signal.throwIfAborted()
      for (const node of wanted) operate('fetch', node.id)
    },
    start: async (cluster: ClusterRef, spec: NodeSpec, signal: AbortSignal) => {
      signal.throwIfAborted()
      operate('start', spec.id)
      const known = nodes.get(key(cluster.id, spec.id))
      if (known?.state === 'running' && known.spec.fingerprint === spec.fingerprint) return
      const node: FakeNode = { cluster: cluster.id, name: cluster.name, spec, state: 'running', log: known?.log ?? [] }
      nodes.set(key(cluster.id, spec.id), node)
      data.add(key(cluster.id, spec.id))
      node.log.push(`${spec.id} starts`)
      const code = runtime.failures.diesWith?.[spec.id]
      if (code !== undefined) {
        node.log.push(`ERROR ${spec.id} cannot go on`)
        end(node, { code, signal: null, outOfMemory: false, expected: false })
      }
    },
    stop: async (cluster: ClusterRef, spec: NodeSpec, how: StopHow) => {
      operate('stop', spec.id)
      const node = nodes.get(key(cluster.id, spec.id))
      if (!node || node.state === 'stopped') return
      end(
        node,
        how.style === 'kill'
          ? { code: null, signal: 'SIGKILL', outOfMemory: false, expected: true }
          : { code: 0, signal: null, outOfMemory: false, expected: true },
      )
    },
    freeze: async (cluster, spec) => {
      const node = nodes.get(key(cluster.id, spec.id))
      if (node?.state === 'running') node.state = 'frozen'
    },
    thaw: async (cluster, spec) => {
      operate('thaw', spec.id)
      const node = nodes.get(key(cluster.id, spec.id))
      if (node?.state === 'frozen') node.state = 'running'
    },
    remove: async (cluster, id, options) => {
      operate('remove', id)
      const node = nodes.get(key(cluster.id, id))
      if (node && node.state !== 'stopped') end(node, { code: null, signal: 'SIGKILL', outOfMemory: false, expected: true })
      nodes.delete(key(cluster.id, id))
      if (!options.keepData) data.delete(key(cluster.id, id))
    },
    exec: async (_cluster, spec, argv, options: ExecOptions): Promise<ExecResult> => {
      const text = `${spec.id}: ${argv.join(' ')}\n`
      options.onStdout?.(new TextEncoder().encode(text))
      return { exitCode: 0, stdout: options.onStdout ? '' : text, stderr: '' }
    },
    async *logs(cluster: ClusterRef, id: string, options: LogOptions): AsyncIterable<LogLine> {
      const log = nodes.get(key(cluster.id, id))?.log ?? []
      for (const text of options.tail === undefined ? log : log.slice(-options.tail)) yield { node: id, stream: 'stdout', text }
    },
    stats: async (_cluster, id) => ({ node: id, cpuSeconds: 0, rssBytes: 0 }),
    async *exits(cluster: ClusterRef, signal: AbortSignal): AsyncIterable<NodeExit> {
      const queue: NodeExit[] = []
      let wake: (() => void) | undefined
      const listener = (id: string, exit: NodeExit) => {
        if (id !== cluster.id) return
        queue.push(exit)
        wake?.()
      }
      listeners.add(listener)
      signal.addEventListener('abort', () => wake?.(), { once: true })
      try {
        while (!signal.aborted) {
          const exit = queue.shift()
          if (exit) yield exit
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        listeners.delete(listener)
      }
    },
    destroy: async (cluster, options) => {
      operate('destroy', cluster.id)
      const removed: string[] = []
      for (const [entry, node] of nodes) {
        if (node.cluster !== cluster.id) continue
        if (node.state !== 'stopped') end(node, { code: null, signal: 'SIGKILL', outOfMemory: false, expected: true })
        nodes.delete(entry)
        removed.push(node.spec.id)
      }
      if (!options.keepData) for (const entry of data) if (entry.startsWith(`${cluster.id}/`)) data.delete(entry)
      return { removed }
    },
  }
  return runtime
}
