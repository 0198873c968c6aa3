// Which nodes a ZooKeeper service has: members 1..N, started together. No addresses, no configuration.
import type { NodeShape } from '../../model/shape.ts'
import type { ServiceSpec } from '../../model/spec.ts'
import type { ZookeeperOptions } from './options.ts'

/** Whoever depends on ZooKeeper is stopped first. */
const STOP_RANK = 2

export function zookeeperShape(service: ServiceSpec<ZookeeperOptions>): NodeShape[] {
  const { members, port } = service.options
  return Array.from({ length: members }, (_, i): NodeShape => {
    const index = i + 1
    return {
      id: `${service.name}-${index}`,
      service: service.name,
      kind: service.kind,
      role: 'member',
      index,
      ports: {
        client: { container: 2181, published: true, ...(port === undefined ? {} : { wanted: port + i }) },
        // A single member talks to nobody.
        ...(members === 1 ? {} : { peer: { container: 2888, published: false }, election: { container: 3888, published: false } }),
        ...(service.debug === undefined ? {} : { debug: { container: 5005, published: true, wanted: service.debug + i } }),
      },
      after: [],
      stopRank: STOP_RANK,
      containerData: '/data',
    }
  })
}
