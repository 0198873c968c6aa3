// Where nodes live: addresses and directories, chosen by a runtime before anything is rendered.

export interface Address {
  readonly host: string
  readonly port: number
}

/** One named port as seen from three places. */
export interface PortPlace {
  /** What the node binds. */
  readonly listen: Address
  /** How other nodes of the cluster reach it. */
  readonly peer: Address
  /** How a client on the host reaches it; undefined when the port is not published. */
  readonly host?: Address
}

export interface NodePlace {
  readonly ports: Readonly<Record<string, PortPlace>>
  /** Absolute paths as the node itself sees them. */
  readonly dirs: { readonly config: string; readonly data: string; readonly logs: string }
}

/** Node id -> place. */
export type Placement = Readonly<Record<string, NodePlace>>

/** `host:port`, IPv6 in brackets. */
export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
