// `devcluster pull`: everything that `up` would fetch, ahead of time; then `up` needs no network.
import { pullCluster } from '../../index.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { loadOptionsOf, sourceOf } from '../target.ts'

export const run: Run = (call) =>
  act(call, async (onEvent) => {
    const pull = call.flags.text('pull') === 'always' ? 'always' : 'missing'
    const { id, what, runtime } = await pullCluster(sourceOf(call), { ...loadOptionsOf(call), signal: call.signal, onEvent, pull })
    return { cluster: id, data: { runtime, what }, text: `here: ${what.join(', ')} (${runtime})` }
  })
