// What is executed for a program: a Java command line on its distribution's class path, or a program of PATH. Executes nothing.

import { DevclusterError } from '../../errors.ts'
import type { Distribution, Program } from '../../model/node.ts'
import type { FetchProgress } from '../../model/runtime.ts'
import { archiveExists, type StartupArchive, startupArchive } from './archive.ts'
import { classPath, ensureDistribution, programOf } from './distribution.ts'
import type { Java } from './java.ts'
import { ensureJava } from './java-fetch.ts'

export interface CommandLine {
  readonly program: string
  readonly args: readonly string[]
  /** In use; its arguments go before `args`. */
  readonly archive?: { readonly path: string; readonly args: readonly string[] }
}

export interface CommandContext {
  readonly env: NodeJS.ProcessEnv
  readonly cache: string
  readonly signal: AbortSignal
  readonly onProgress: (progress: FetchProgress) => void
}

/** `<java> [archive flags] <jvmArgs> -cp <jars> <main class> <args>`; jars in the distribution's order, as an archive is bound to it. */
export function javaCommand(
  java: Java,
  program: Extract<Program, { type: 'java' }>,
  jars: readonly string[],
  archive: StartupArchive | undefined,
): CommandLine {
  const args = [...program.jvmArgs, ...(jars.length === 0 ? [] : ['-cp', jars.join(':')]), program.mainClass, ...program.args]
  return archive === undefined
    ? { program: java.program, args }
    : { program: java.program, args, archive: { path: archive.path, args: archive.use } }
}

/**
 * Fetches what the program needs and says how it is run.
 * @throws DevclusterError of {@link ensureDistribution} and {@link ensureJava}; RUNTIME_UNSUPPORTED for a combination that cannot run.
 */
export async function commandLine(distribution: Distribution, program: Program, context: CommandContext): Promise<CommandLine> {
  if (program.type === 'native') {
    if (distribution.from !== 'path') throw new DevclusterError('RUNTIME_UNSUPPORTED', `${distribution.id} holds Java classes, no program`)
    return { program: await programOf(distribution, context.env), args: program.args }
  }
  const [java] = await Promise.all([ensureJava({ ...context, minVersion: program.minVersion }), ensureDistribution(distribution, context)])
  if (distribution.from === 'path') return javaCommand(java, program, [], undefined)
  const jars = classPath(context.cache, distribution)
  const archive = program.archive ? startupArchive(context.cache, program, distribution, java, jars) : undefined
  return javaCommand(java, program, jars, archive && archiveExists(archive) ? archive : undefined)
}
