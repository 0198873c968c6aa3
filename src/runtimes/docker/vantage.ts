// Where published ports are reached from here: this machine, the engine's machine, or, from inside a container, the bridge's gateway.
import { existsSync, readFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { DevclusterError } from '../../errors.ts'
import type { NetworkDetails } from './api.ts'
import type { Connection } from './connect.ts'
import { describeEndpoint, isRemote } from './endpoint.ts'
import { orAbsent } from './engine.ts'

/**
 * `local`: this machine. `remote`: another machine, by its host name.
 * `gateway`: we run in a container and the engine beside it; its published ports are reached through the bridge's gateway.
 */
export type Vantage =
  | { readonly from: 'local' }
  | { readonly from: 'remote'; readonly host: string; readonly engine: string }
  | { readonly from: 'gateway'; readonly host: string }

export interface OwnMachine {
  readonly inContainer: boolean
  /** Addresses of this machine's (or container's) own interfaces. */
  readonly addresses: readonly string[]
  /** Names the engine would know our container by. */
  readonly containerNames: readonly string[]
}

/**
 * Our own container's id in the text of /proc/self/mountinfo (proc(5)): engines mount /etc/hostname and its like from a folder named after it.
 * Only those mounts count: beside an engine the table also lists the mounts of the containers it runs.
 */
export function containerIds(mountInfo: string): string[] {
  const own = /^\S+ \S+ \S+ \S*\/(?:containers|overlay-containers)\/([0-9a-f]{64})\/\S* \/etc\/(?:hostname|hosts|resolv\.conf) /gm
  return [...new Set([...mountInfo.matchAll(own)].flatMap((match) => match[1] ?? []))]
}

function ownMountInfo(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}

/** This machine, looked at now. `/.dockerenv` and `/run/.containerenv` are what Docker and Podman leave in their containers. */
export function ownMachine(): OwnMachine {
  return {
    inContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    // By default a container's host name is the beginning of its id.
    containerNames: [...containerIds(ownMountInfo()), hostname()].filter((name) => /^[0-9a-f]{12,64}$/.test(name)),
    addresses: Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
  }
}

/** Asks the engine for the gateway of its default bridge when we are in a container. */
export async function findVantage({ engine, podman }: Connection, machine: OwnMachine): Promise<Vantage> {
  if (isRemote(engine.endpoint) && engine.endpoint.type !== 'unix') {
    return { from: 'remote', host: engine.endpoint.host, engine: describeEndpoint(engine.endpoint) }
  }
  if (engine.endpoint.type !== 'unix' || !machine.inContainer) return { from: 'local' }
  // An engine that does not know us as its container runs beside us (or in the same container): its ports are on our own loopback.
  const known = await Promise.all(
    machine.containerNames.map((name) => orAbsent(engine.get(`/containers/${encodeURIComponent(name)}/json`))),
  )
  if (known.every((one) => one === undefined)) return { from: 'local' }
  const bridge = await orAbsent(engine.get<NetworkDetails>(`/networks/${podman ? 'podman' : 'bridge'}`))
  const gateway = bridge?.IPAM?.Config?.find((config) => config.Gateway)?.Gateway
  // The gateway is one of our own addresses: host networking, or the engine runs in this very container.
  if (gateway === undefined || machine.addresses.includes(gateway)) return { from: 'local' }
  return { from: 'gateway', host: gateway }
}

const isLoopback = (bind: string) => bind === '::1' || bind === 'localhost' || bind.startsWith('127.')
const isWildcard = (bind: string) => bind === '0.0.0.0' || bind === '::' || bind === ''

/** Address that published ports are bound to on the engine's machine. */
export function bindAddress(vantage: Vantage, bind: string): string {
  // Loopback of the engine's machine is out of our reach from inside a container; the bridge's gateway is reachable and no less private.
  if (vantage.from === 'gateway' && isLoopback(bind)) return vantage.host
  return bind === 'localhost' ? '127.0.0.1' : bind
}

/** Host that clients beside us use. */
export function clientHost(vantage: Vantage, bind: string): string {
  if (vantage.from === 'remote') return isWildcard(bind) || isLoopback(bind) ? vantage.host : bind
  if (vantage.from === 'gateway') return isWildcard(bind) || isLoopback(bind) ? vantage.host : bind
  return isWildcard(bind) || bind === 'localhost' ? (bind === '::' ? '::1' : '127.0.0.1') : bind
}

/** @throws REMOTE_BIND when the engine is on another machine and the file does not say what to bind to: publishing to a network is the user's decision. */
export function demandBind(vantage: Vantage, bindIsExplicit: boolean): void {
  if (vantage.from !== 'remote' || bindIsExplicit) return
  throw new DevclusterError(
    'REMOTE_BIND',
    `the container engine is on another machine (${vantage.engine}), and the cluster file does not say which of its addresses to publish on`,
    {
      hint: `add \`bind: 0.0.0.0\` (or one address of ${vantage.host}) to the cluster file; clients then use ${vantage.host}`,
    },
  )
}
