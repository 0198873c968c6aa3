// `devcluster gc`: removes what nobody owns any more. Never another user's: only this user's state and labels are looked at.
import { access } from 'node:fs/promises'
import { destroyCluster } from '../../cluster.ts'
import { type ListedCluster, list } from '../../lifecycle/list.ts'
import { act } from '../act.ts'
import type { Run } from '../command.ts'
import { findOld, removeOld } from '../gc/old.ts'
import { formatBytes } from '../progress/words.ts'

interface Candidate {
  readonly cluster: ListedCluster
  readonly because: string
  /** Its life was not bound to a process: only on demand. */
  readonly needsYes: boolean
}

async function candidateOf(cluster: ListedCluster): Promise<Candidate | undefined> {
  if (!cluster.ownerAlive) return { cluster, because: 'its owner is gone', needsYes: false }
  if (!cluster.persistent) return undefined
  // Without a state file nobody can tell whose it is: it may belong to another DEVCLUSTER_HOME.
  if (cluster.dir === undefined) return undefined
  const here = await access(cluster.dir).then(
    () => true,
    () => false,
  )
  return here ? undefined : { cluster, because: `its folder ${cluster.dir} is gone`, needsYes: true }
}

export const run: Run = (call) =>
  act(call, async (onEvent) => {
    const yes = call.flags.on('yes')
    const dry = call.flags.on('dry-run')
    const candidates = (await Promise.all((await list()).map(candidateOf))).flatMap((candidate) => candidate ?? [])
    const old = await findOld(call.io.env)
    const lines: string[] = []
    const removed: string[] = []
    for (const { cluster, because, needsYes } of candidates) {
      const does = !dry && (yes || !needsYes)
      lines.push(`${does ? 'removed' : 'would remove'} ${cluster.id}: ${because}${needsYes && !yes ? ' (add --yes)' : ''}`)
      if (!does) continue
      call.signal.throwIfAborted()
      await destroyCluster({ id: cluster.id }, { onEvent })
      removed.push(cluster.id)
    }
    for (const thing of old) {
      const does = !dry && yes
      lines.push(
        `${does ? 'removed' : 'would remove'} ${thing.path} (${formatBytes(thing.bytes)}): ${thing.because}${yes ? '' : ' (add --yes)'}`,
      )
      if (!does) continue
      await removeOld(thing)
      removed.push(thing.path)
    }
    return {
      cluster: '',
      data: { removed, found: [...candidates.map(({ cluster }) => cluster.id), ...old.map(({ path }) => path)] },
      isData: dry,
      text: lines.length === 0 ? 'nothing to remove' : lines.join('\n'),
    }
  })
