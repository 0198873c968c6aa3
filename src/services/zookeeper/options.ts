// The options of kind `zookeeper` after validation; the schema in schema.ts produces exactly this. Types only.

export interface ZookeeperOptions {
  /** Exact version from the catalogue: `3.9.4`. */
  readonly version: string
  readonly members: number
  readonly tuning: 'dev' | 'stock'
  /** First published client port, members count up from it; undefined = chosen. */
  readonly port?: number
  /** Settings of zoo.cfg that the file adds. */
  readonly config: Readonly<Record<string, string>>
  /** JVM heap of a member, e.g. `64m`; undefined = by tuning. */
  readonly heap?: string
}

/** `NodeSpec.facts` of a member. */
export interface ZookeeperFacts {
  /** Number of the member in the ensemble. */
  readonly myid: number
  /** How many members the ensemble has. */
  readonly members: number
}
