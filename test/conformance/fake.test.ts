// The fake runtime keeps the same promises as the real ones, as far as it has nodes to keep them with.
import { createFakeRuntime } from '../helpers/fake-runtime.ts'
import { node as plainNode } from '../helpers/nodes.ts'
import { describeRuntime } from './describe-runtime.ts'

describeRuntime(
  'fake',
  async () => {
    const runtime = createFakeRuntime()
    let clusters = 0
    return {
      runtime: () => runtime,
      cluster: async (name) => {
        const id = `${name}-${++clusters}`
        return { id, name, stateDir: `/state/${id}`, bind: '127.0.0.1', mirrors: {} }
      },
      node: (shape, place) => ({ ...plainNode(shape.id), shape, place }),
      die: async (cluster, node) => runtime.die(cluster.id, node, { code: null, signal: 'SIGKILL' }),
      left: async (cluster) => runtime.left().filter((entry) => entry.includes(`${cluster.id}/`)),
      dispose: async () => undefined,
    }
  },
  { real: false },
)
