// Chooses addresses and directories of all nodes of a cluster. Keeps what they had; starts nothing.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import type { NodePlace, Placement, PortPlace } from '../../model/placement.ts'
import type { ClusterRef, Observed } from '../../model/runtime.ts'
import type { NodeShape, PortShape } from '../../model/shape.ts'
import { makeDir } from '../../util/fs.ts'
import { waitForLock } from '../../util/lock.ts'
import { becomesFree, choosePort, isPortFree, portOwner } from '../../util/ports.ts'
import { writingState } from '../../util/unwritable.ts'
import { clustersHome } from './environment.ts'
import { asObject, numbersOf, readObject, writeObject } from './json.ts'
import { clusterFiles, nodeFiles } from './layout.ts'

type Claims = Readonly<Record<string, Readonly<Record<string, number>>>>

/** What a cluster claims: node -> port name -> port. */
export function readClaims(stateDir: string): Claims {
  const claims: Record<string, Record<string, number>> = {}
  for (const [node, ports] of Object.entries(asObject(readObject(clusterFiles(stateDir).ports)?.['ports']) ?? {}))
    claims[node] = numbersOf(ports)
  return claims
}

async function claimedByOthers(cluster: ClusterRef): Promise<Set<number>> {
  const home = clustersHome(cluster)
  const claimed = new Set<number>()
  for (const name of await readdir(home).catch(() => [])) {
    const stateDir = join(home, name)
    if (stateDir === cluster.stateDir) continue
    for (const ports of Object.values(readClaims(stateDir))) for (const port of Object.values(ports)) claimed.add(port)
  }
  return claimed
}

/** Address that others use for something bound to `bind`. */
function reachable(bind: string): string {
  return bind === '0.0.0.0' ? '127.0.0.1' : bind === '::' ? '::1' : bind
}

function portPlace(bind: string, shape: PortShape, port: number): PortPlace {
  const listen = shape.published ? bind : '127.0.0.1'
  const peer = { host: reachable(listen), port }
  return shape.published ? { listen: { host: listen, port }, peer, host: peer } : { listen: { host: listen, port }, peer }
}

interface Known {
  readonly observed: Observed
  readonly previous?: Placement
  readonly claim?: boolean
}

/** `of`: `held` by a running node of ours, `ours` before, or `new` here. */
async function fixedPort(cluster: ClusterRef, node: NodeShape, name: string, port: number, of: 'held' | 'ours' | 'new'): Promise<number> {
  if (of === 'held' || (await (of === 'ours' ? becomesFree : isPortFree)(port, cluster.bind))) return port
  const owner = await portOwner(port)
  throw new DevclusterError('PORT_TAKEN', `port ${port} of ${node.id} (${name}) is taken by ${owner?.text ?? 'an unknown process'}`, {
    node: node.id,
    hint:
      owner?.pid === undefined
        ? `free port ${port}, or choose another (or auto) in the file`
        : `end pid ${owner.pid}, or choose another port (or auto) in the file`,
    data: {
      port,
      ...(owner?.pid === undefined ? {} : { pid: owner.pid }),
      ...(owner?.command === undefined ? {} : { command: owner.command }),
    },
  })
}

async function choose(cluster: ClusterRef, shapes: readonly NodeShape[], known: Known): Promise<Claims> {
  const own = readClaims(cluster.stateDir)
  const others = await claimedByOthers(cluster)
  const given = new Set<number>()
  const claims: Record<string, Record<string, number>> = {}
  for (const node of shapes) claims[node.id] = {}
  const all = shapes.flatMap((node) => Object.entries(node.ports).map(([name, shape]) => ({ node, name, shape })))
  const take = (node: NodeShape, name: string, port: number) => {
    given.add(port)
    const ports = claims[node.id]
    if (ports) ports[name] = port
  }
  /** A running node of ours sits on it: not free, and rightly so. */
  const holds = (node: NodeShape, name: string, port: number) => {
    const seen = known.observed.nodes[node.id]
    return seen !== undefined && seen.state !== 'stopped' && seen.hostPorts[name] === port
  }
  const held = new Set(
    Object.values(known.observed.nodes).flatMap((seen) => (seen.state === 'stopped' ? [] : Object.values(seen.hostPorts))),
  )
  // Fixed ones first, then those that run, then the rest: a chosen port never gets in the way of either.
  for (const { node, name, shape } of all) {
    if (shape.wanted === undefined) continue
    const of = held.has(shape.wanted) ? 'held' : own[node.id]?.[name] === shape.wanted ? 'ours' : 'new'
    take(node, name, await fixedPort(cluster, node, name, shape.wanted, of))
  }
  for (const { node, name, shape } of all) {
    const port = known.observed.nodes[node.id]?.hostPorts[name]
    if (shape.wanted === undefined && port !== undefined && holds(node, name, port)) take(node, name, port)
  }
  for (const { node, name, shape } of all) {
    if (claims[node.id]?.[name] !== undefined) continue
    const keep =
      known.observed.nodes[node.id]?.hostPorts[name] ?? known.previous?.[node.id]?.ports[name]?.listen.port ?? own[node.id]?.[name]
    const host = shape.published ? cluster.bind : '127.0.0.1'
    const port = await choosePort({ key: `${cluster.id}/${node.id}/${name}`, keep, claimed: new Set([...others, ...given, ...held]), host })
    if (port === undefined) {
      throw new DevclusterError('PORT_TAKEN', `no port from 20000 to 31999 is free for ${node.id} (${name})`, {
        node: node.id,
        hint: 'take other clusters down: devcluster ps, devcluster gc',
      })
    }
    take(node, name, port)
  }
  return claims
}

/** Two clusters that choose at the same time must not choose the same. */
async function chooseAndClaim(cluster: ClusterRef, shapes: readonly NodeShape[], known: Known): Promise<Claims> {
  await makeDir(cluster.stateDir)
  const attempt = await waitForLock(join(clustersHome(cluster), '.ports.lock'), { withinMs: 30_000 })
  if ('holder' in attempt) {
    throw new DevclusterError('CLUSTER_LOCKED', `pid ${attempt.holder.pid} (${attempt.holder.command}) has been choosing ports for 30 s`, {
      hint: 'end that process',
    })
  }
  try {
    const claims = await choose(cluster, shapes, known)
    writeObject(clusterFiles(cluster.stateDir).ports, { ports: claims, name: cluster.name })
    return claims
  } finally {
    await attempt.lock.release()
  }
}

/**
 * Addresses and directories of all nodes; the ports are claimed in the cluster's state until it is destroyed, or with `claim: false` not.
 * @throws DevclusterError PORT_TAKEN naming the owner of a fixed port, STATE_UNWRITABLE.
 */
export async function place(cluster: ClusterRef, shapes: readonly NodeShape[], known: Known): Promise<Placement> {
  const claims =
    known.claim === false
      ? await choose(cluster, shapes, known)
      : await writingState(cluster.stateDir, () => chooseAndClaim(cluster, shapes, known))
  const placement: Record<string, NodePlace> = {}
  for (const node of shapes) {
    const files = nodeFiles(cluster.stateDir, node.id)
    const ports: Record<string, PortPlace> = {}
    for (const [name, shape] of Object.entries(node.ports)) {
      const port = claims[node.id]?.[name]
      if (port !== undefined) ports[name] = portPlace(cluster.bind, shape, port)
    }
    placement[node.id] = { ports, dirs: { config: files.config, data: files.data, logs: files.logs } }
  }
  return placement
}
