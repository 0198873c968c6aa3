// Which nodes a service consists of, before anything has an address. Pure data.

/** When a node that waits for another may start. */
export type Until = 'running' | 'ready'

/** A named port of a node. */
export interface PortShape {
  /** Port inside a container; as a process the node listens on a port chosen by placement. */
  readonly container: number
  /** Host port demanded by the file; undefined lets placement choose one (20000 to 31999). */
  readonly wanted?: number
  /** Reachable from the host (published). Unpublished ports still get a port of their own as processes. */
  readonly published: boolean
}

export interface NodeShape {
  /** Node id, unique in the cluster, also its DNS alias: `kafka-2`. */
  readonly id: string
  readonly service: string
  readonly kind: string
  /** Role within the service: `broker`, `controller`, `member`. */
  readonly role: string
  /** 1-based index within its role. */
  readonly index: number
  readonly ports: Readonly<Record<string, PortShape>>
  readonly after: readonly { readonly node: string; readonly until: Until }[]
  /** Nodes of a lower rank are stopped first (brokers 0, controllers 1, ...); equal ranks in parallel. */
  readonly stopRank: number
  /** Where a container of this node keeps its data: a named volume is mounted here. */
  readonly containerData?: string
}
