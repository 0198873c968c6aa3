// Start-up archives of the JVM: where one lies, which arguments use it, which make it. Starts nothing; archive-job.ts makes them.
// AppCDS (JEP 350, -XX:ArchiveClassesAtExit) for Java 17 to 24, the AOT cache in one step (JEP 514, -XX:AOTCacheOutput) from 25.
// Java 24 knows the AOT cache in two runs only (JEP 483), so AppCDS is taken there.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from '../../model/node.ts'
import { distributionHash, type MavenDistribution } from './distribution.ts'
import type { Java } from './java.ts'

export type JavaProgram = Extract<Program, { type: 'java' }>

/** Flags that differ from node to node and mean nothing to an archive: properties, heap sizes, agents, paths of dumps. */
const INDIFFERENT =
  /^-(D|Xm[sxn]|javaagent:|agentlib:|agentpath:|Xlog|XX:(ErrorFile|HeapDumpPath|OnOutOfMemoryError|[+-]HeapDumpOnOutOfMemoryError|[+-]ExitOnOutOfMemoryError))/

/** The flags an archive depends on. */
export function archiveFlags(jvmArgs: readonly string[]): string[] {
  return jvmArgs.filter((flag) => !INDIFFERENT.test(flag))
}

export interface StartupArchive {
  readonly path: string
  readonly use: readonly string[]
  /** Arguments that make it into another file at the JVM's end. */
  readonly make: (file: string) => readonly string[]
}

export function archivesDir(cache: string): string {
  return join(cache, 'archives')
}

/** Beginning of the names of folders in which archives are being made. */
export const SCRATCH = '.training-'

/** What killed jobs left behind. Only with the lock of the folder in hand. */
export function removeScratch(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith(SCRATCH)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** The archive of this program on this Java; its name is a hash of everything the JVM binds it to. */
export function startupArchive(
  cache: string,
  program: JavaProgram,
  distribution: MavenDistribution,
  java: Java,
  classPath: readonly string[],
): StartupArchive {
  const aot = java.major >= 25
  const key = createHash('sha256')
    .update(
      JSON.stringify([
        distributionHash(distribution),
        java.program,
        java.build,
        archiveFlags(program.jvmArgs),
        program.mainClass,
        classPath,
      ]),
    )
    .digest('hex')
    .slice(0, 16)
  const path = join(archivesDir(cache), `${distribution.id}-java${java.major}-${key}.${aot ? 'aot' : 'jsa'}`)
  // Quiet: an archive that does not fit is a slow start, not news for the service's log.
  return aot
    ? {
        path,
        use: [`-XX:AOTCache=${path}`, '-Xlog:aot=off', '-Xlog:cds=off'],
        make: (file) => [`-XX:AOTCacheOutput=${file}`, '-Xlog:aot=off', '-Xlog:cds=off'],
      }
    : {
        path,
        use: [`-XX:SharedArchiveFile=${path}`, '-Xshare:auto', '-Xlog:cds=off', '-Xlog:cds+dynamic=off'],
        make: (file) => [`-XX:ArchiveClassesAtExit=${file}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'],
      }
}

/** True when it is there; empty files are none. */
export function archiveExists(archive: StartupArchive): boolean {
  return (statSync(archive.path, { throwIfNoEntry: false })?.size ?? 0) > 0
}
