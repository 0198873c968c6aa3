// After the cluster is ready: has missing start-up archives made in the background, by one job per cache that the supervisor starts and ends.
import { existsSync } from 'node:fs'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import { archiveExists, archiveFlags, archivesDir, startupArchive } from './archive.ts'
import type { ArchiveTask } from './archive-job.ts'
import { classPath, isComplete } from './distribution.ts'
import { entryArgs } from './entry.ts'
import { clusterMarks, plainEnv } from './environment.ts'
import { searchJava } from './java.ts'
import type { StartContext } from './start.ts'

/** Tasks for what these nodes would use and do not have. */
export async function missingArchives(nodes: readonly NodeSpec[], env: NodeJS.ProcessEnv, cache: string): Promise<ArchiveTask[]> {
  const tasks = new Map<string, ArchiveTask>()
  for (const { launch } of nodes) {
    if (launch.via !== 'process' || launch.program.type !== 'java' || launch.distribution.from !== 'maven') continue
    const { program, distribution } = launch
    if (!program.archive || !program.training || !isComplete(cache, distribution)) continue
    const search = await searchJava({ minVersion: program.minVersion, env, cache, signal: AbortSignal.timeout(20_000) })
    if (!('java' in search)) continue
    const jars = classPath(cache, distribution)
    const archive = startupArchive(cache, program, distribution, search.java, jars)
    if (archiveExists(archive) || tasks.has(archive.path)) continue
    tasks.set(archive.path, {
      path: archive.path,
      java: search.java.program,
      args: [
        '-Xmx256m',
        ...archiveFlags(program.jvmArgs),
        ...(program.training.jvmArgs ?? []),
        '-cp',
        jars.join(':'),
        program.mainClass,
        ...program.training.args,
      ],
      make: archive.make('{archive}'),
      files: program.training.files,
      readyLog: program.training.readyLog,
    })
  }
  return [...tasks.values()]
}

/** Returns as soon as the job is started; content when nothing is missing. */
export async function warm(cluster: ClusterRef, nodes: readonly NodeSpec[], context: StartContext): Promise<void> {
  const tasks = await missingArchives(nodes, context.env, context.cache)
  if (tasks.length === 0 || !existsSync(cluster.stateDir)) return
  const order = JSON.stringify({ dir: archivesDir(context.cache), tasks })
  await context.supervisors.ask(cluster, {
    do: 'job',
    job: {
      program: process.execPath,
      args: [...entryArgs('archive-job'), order],
      env: { ...plainEnv(context.env), ...clusterMarks(cluster, 'job') },
    },
  })
}
