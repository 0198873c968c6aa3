// `stop`, `start`, `restart`, `kill`, `pause`, `resume`: life of single nodes, of services, of everything.
import { type Cluster, connectCluster } from '../../index.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { targetOf } from '../target.ts'

const DONE: Readonly<Record<string, string>> = {
  stop: 'stopped',
  start: 'ready',
  restart: 'ready',
  kill: 'killed',
  pause: 'paused',
  resume: 'ready',
}

export const run: Run = (call) =>
  act(call, async (onEvent) => {
    const cluster = await connectCluster(await targetOf(call), { onEvent })
    const ids = call.args.length === 0 ? cluster.nodes : [...new Set(call.args.flatMap((target) => cluster.targets(target)))]
    await perform(call.command.name, cluster, ids, call.signal)
    const state = DONE[call.command.name] ?? 'done'
    return { cluster: cluster.id, data: { nodes: ids, state }, text: `${state}: ${ids.join(', ')}` }
  })

async function perform(verb: string, cluster: Cluster, ids: readonly string[], signal: AbortSignal): Promise<void> {
  switch (verb) {
    case 'stop':
      return ids.length === cluster.nodes.length ? cluster.stop() : cluster.stopNodes(ids, 'graceful')
    case 'kill':
      return cluster.stopNodes(ids, 'kill')
    case 'start':
      return cluster.startNodes(ids, { signal })
    case 'restart':
      await cluster.stopNodes(ids, 'graceful')
      signal.throwIfAborted()
      return cluster.startNodes(ids, { signal })
    case 'pause':
      await Promise.all(ids.map((id) => cluster.node(id).pause()))
      return
    case 'resume':
      // All thaw first: one node alone may not be usable without the others.
      await Promise.all(ids.map((id) => cluster.node(id).resume({ wait: false })))
      await Promise.all(ids.map((id) => cluster.wait(id, { signal })))
      return
    default:
      throw new Error(`no such verb: ${verb}`)
  }
}
