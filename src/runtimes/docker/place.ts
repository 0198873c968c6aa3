// Chooses host ports and addresses before anything is rendered. Reserves nothing: a port lost until start is PORT_TAKEN there.
import { DevclusterError } from '../../errors.ts'
import type { NodePlace, Placement, PortPlace } from '../../model/placement.ts'
import type { ClusterRef, Observed } from '../../model/runtime.ts'
import type { NodeShape } from '../../model/shape.ts'
import type { ClusterSpec } from '../../model/spec.ts'
import { choosePort, isPortFree, PORT_RANGE } from '../../util/ports.ts'
import type { ContainerSummary } from './api.ts'
import type { Connection } from './connect.ts'
import { LABEL, parsePorts } from './labels.ts'
import { portTaken } from './port-conflict.ts'
import { bindAddress, clientHost, demandBind, findVantage, type OwnMachine, type Vantage } from './vantage.ts'

/** Where the config files of every node are put. */
export const CONFIG_DIR = '/etc/devcluster'
const DATA_DIR = '/var/lib/devcluster'
const LOG_DIR = '/var/log'

export interface PlaceRequest {
  readonly cluster: ClusterRef
  readonly spec: ClusterSpec
  readonly shapes: readonly NodeShape[]
  readonly observed: Observed
  readonly previous: Placement | undefined
  readonly machine: OwnMachine
}

/** Host ports that belong to others: published by any running container, or promised by label to a stopped node of another cluster. */
export function foreignPorts(containers: readonly ContainerSummary[], clusterId: string): Set<number> {
  const claimed = new Set<number>()
  for (const container of containers) {
    if (container.Labels?.[LABEL.cluster] === clusterId) continue
    for (const port of container.Ports ?? []) if (port.PublicPort !== undefined) claimed.add(port.PublicPort)
    for (const port of Object.values(parsePorts(container.Labels?.[LABEL.ports]))) claimed.add(port)
  }
  return claimed
}

/** Whether a port can be bound where it will be published; on another machine only the engine's own list can tell. */
function freeCheck(vantage: Vantage): (port: number, host: string) => Promise<boolean> {
  return vantage.from === 'local' ? isPortFree : () => Promise.resolve(true)
}

/**
 * Places all nodes: containers listen on every interface at the image's own port, peers use the node id, the host uses a published port.
 * Ports of running nodes are kept; those of stopped nodes and of the previous placement where they are still free.
 * @throws PORT_TAKEN for a fixed port in use, REMOTE_BIND.
 */
export async function place(connection: Connection, request: PlaceRequest): Promise<Placement> {
  const { cluster, spec, shapes, observed, previous, machine } = request
  const [vantage, containers] = await Promise.all([
    findVantage(connection, machine),
    connection.engine.get<ContainerSummary[]>('/containers/json', { query: { all: true } }),
  ])
  demandBind(vantage, spec.bindIsExplicit)
  const bind = bindAddress(vantage, cluster.bind)
  const host = clientHost(vantage, cluster.bind)
  const isFree = freeCheck(vantage)
  const claimed = foreignPorts(containers, cluster.id)
  const foreign = new Set(claimed)
  const ours = containers.filter((one) => one.Labels?.[LABEL.cluster] === cluster.id)

  const heldBy = (node: string): Readonly<Record<string, number>> => {
    const known = observed.nodes[node]
    return known && known.state !== 'stopped' ? known.hostPorts : {}
  }
  const before = (node: string, port: string): number | undefined =>
    observed.nodes[node]?.hostPorts[port] ?? previous?.[node]?.ports[port]?.host?.port
  /** A port one of our own running nodes publishes now: its rightful owner may keep it, and a fixed port may move within the cluster. */
  const publishedByUs = (port: number) => ours.some((one) => one.Ports?.some((published) => published.PublicPort === port))

  // First pass: ports that are decided already, so that no free choice lands on them.
  const decided = new Map<string, number>()
  for (const shape of shapes) {
    for (const [name, port] of Object.entries(shape.ports)) {
      if (!port.published) continue
      const fixed = port.wanted ?? heldBy(shape.id)[name]
      if (fixed === undefined) continue
      decided.set(`${shape.id}/${name}`, fixed)
      claimed.add(fixed)
    }
  }
  for (const shape of shapes) {
    for (const [name, port] of Object.entries(shape.ports)) {
      if (port.wanted === undefined || !port.published || publishedByUs(port.wanted)) continue
      if (foreign.has(port.wanted) || !(await isFree(port.wanted, bind)))
        throw await portTaken(connection, { node: shape.id, name, port: port.wanted, bind, local: vantage.from === 'local' })
    }
  }

  const placement: Record<string, NodePlace> = {}
  for (const shape of shapes) {
    const ports: Record<string, PortPlace> = {}
    for (const [name, port] of Object.entries(shape.ports)) {
      const inside = { listen: { host: '0.0.0.0', port: port.container }, peer: { host: shape.id, port: port.container } }
      if (!port.published) {
        ports[name] = inside
        continue
      }
      const chosen =
        decided.get(`${shape.id}/${name}`) ??
        (await choosePort({ key: `${cluster.id}/${shape.id}/${name}`, keep: before(shape.id, name), claimed, host: bind, isFree }))
      if (chosen === undefined) {
        throw new DevclusterError('PORT_TAKEN', `no free port for ${shape.id} between ${PORT_RANGE.first} and ${PORT_RANGE.last}`, {
          node: shape.id,
          hint: 'take down clusters that are no longer needed: `devcluster ps` lists them',
        })
      }
      claimed.add(chosen)
      ports[name] = { ...inside, host: { host, port: chosen } }
    }
    placement[shape.id] = { ports, dirs: { config: CONFIG_DIR, data: shape.containerData ?? DATA_DIR, logs: LOG_DIR } }
  }
  return placement
}
