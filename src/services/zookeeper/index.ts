// Kind `zookeeper`: Apache ZooKeeper, 1 to 5 members. This file only puts the parts together.
import { formatAddress } from '../../model/placement.ts'
import { defineService, hostAddress } from '../../model/service.ts'
import { zookeeperCauses } from './causes.ts'
import { checkZookeeper } from './check.ts'
import type { ZookeeperOptions } from './options.ts'
import { zookeeperProbe, zookeeperUsable } from './probe.ts'
import { renderZookeeper } from './render/node.ts'
import { zookeeperSchema } from './schema.ts'
import { zookeeperShape } from './shape.ts'

export default defineService<ZookeeperOptions>({
  kind: 'zookeeper',
  summary: 'Apache ZooKeeper, 1 to 5 members',
  runs: ['container', 'process'],
  schema: zookeeperSchema,
  check: checkZookeeper,
  shape: zookeeperShape,
  render: renderZookeeper,
  endpoints: ({ nodes }) => [
    {
      name: 'CONNECT',
      host: nodes.map((node) => formatAddress(hostAddress(node, 'client'))).join(','),
      ...(nodes[0]?.launch.via === 'container'
        ? {
            container: nodes
              .flatMap((node) => (node.place.ports['client'] ? [formatAddress(node.place.ports['client'].peer)] : []))
              .join(','),
          }
        : {}),
      secret: false,
    },
  ],
  probe: zookeeperProbe,
  usable: zookeeperUsable,
  readyWithinMs: 60_000,
  causes: zookeeperCauses,
  describe: ({ options }) => `${options.version}, ${options.members === 1 ? 'standalone' : `${options.members} members`}`,
})
