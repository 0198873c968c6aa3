// Known failures of any node that is a Java program: their signatures in the log. Texts only; services list them after their own.
import type { Cause } from '../model/service.ts'

/** The first line that matches, with its groups. */
export function findLine(log: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of log) {
    const match = pattern.exec(line)
    if (match) return match
  }
  return undefined
}

/** Class file versions are 44 ahead of the Java version (JVMS 4.1). */
const CLASS_FILE_OFFSET = 44

const javaTooOld: Cause = {
  id: 'JAVA_TOO_OLD',
  match: ({ log }) => {
    const found = findLine(log, /class file version (\d+)\.\d+\).*up to (\d+)\./)
    if (!found && !findLine(log, /UnsupportedClassVersionError/)) return undefined
    const versions = found
      ? `it needs Java ${Number(found[1]) - CLASS_FILE_OFFSET} and was started with Java ${Number(found[2]) - CLASS_FILE_OFFSET}`
      : 'it was started with a Java that is too old'
    return { cause: versions, remedy: 'set DEVCLUSTER_JAVA_HOME to a newer Java (17 or later)' }
  },
}

const archiveCorrupt: Cause = {
  id: 'ARCHIVE_CORRUPT',
  match: ({ log }) =>
    findLine(log, /fatal error has been detected by the Java Runtime/) &&
    findLine(log, /\b(FileMapInfo|MetaspaceShared|DynamicArchive|SharedClassUtil|AOTMetaspace|SystemDictionaryShared)\b/)
      ? {
          cause: 'its start-up archive is damaged, which crashes the JVM',
          remedy: 'devcluster up again: a damaged archive is thrown away and made anew',
        }
      : undefined,
}

const jvmCrashed: Cause = {
  id: 'JVM_CRASHED',
  match: ({ log }) => {
    if (!findLine(log, /fatal error has been detected by the Java Runtime/)) return undefined
    const signal = findLine(log, /^#\s+(SIG\w+|Internal Error)/)?.[1] ?? 'an internal error'
    const report = findLine(log, /(\S*hs_err_pid\d+\.log)/)?.[1]
    return {
      cause: `the JVM itself crashed (${signal})`,
      remedy: report ? `read ${report}; another Java version often helps` : 'another Java version often helps',
    }
  },
}

const heapExhausted: Cause = {
  id: 'HEAP_EXHAUSTED',
  match: ({ log, node }) => {
    const found = findLine(log, /java\.lang\.OutOfMemoryError: ?([\w ]*)/)
    if (!found) return undefined
    return {
      cause: `its JVM ran out of memory (${found[1]?.trim() || 'OutOfMemoryError'})`,
      remedy: `give ${node.service} a larger heap: in the cluster file`,
    }
  },
}

/** A full file system shows as ENOSPC, or as a fault in a memory-mapped file that could not grow. */
const diskFull: Cause = {
  id: 'DISK_FULL',
  match: ({ log, node }) =>
    findLine(log, /No space left on device|a fault occurred in (a recent|an) unsafe memory access operation/)
      ? {
          cause: `the disk with its data (${node.place.dirs.data}) is full`,
          remedy: 'free space there, or put DEVCLUSTER_HOME on another disk; then devcluster up',
        }
      : undefined,
}

/** In the order in which they should be tried. */
export const JAVA_CAUSES: readonly Cause[] = [javaTooOld, archiveCorrupt, jvmCrashed, heapExhausted, diskFull]
