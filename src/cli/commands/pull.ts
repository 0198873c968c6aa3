// `devcluster pull`: everything that `up` would fetch, ahead of time; then `up` needs no network.
import { pullCluster } from '../../index.ts'
import type { Reporter } from '../../model/event.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { loadOptionsOf, sourceOf } from '../target.ts'

export const run: Run = (call) =>
  act(call, async (onEvent) => {
    const pull = call.flags.text('pull') === 'always' ? 'always' : 'missing'
    let fetched = false
    const watch: Reporter = (event) => {
      fetched ||= (event.progress?.done ?? 0) > 0
      onEvent(event)
    }
    const { id, what, runtime } = await pullCluster(sourceOf(call), { ...loadOptionsOf(call), signal: call.signal, onEvent: watch, pull })
    return { cluster: id, data: { runtime, what, fetched }, text: `${fetched ? 'fetched' : 'here'}: ${what.join(', ')} (${runtime})` }
  })
