// Gives a write below the state folder that the system refuses its code and its remedy. Retries nothing, hides nothing.
import { DevclusterError, isDevclusterError, messageOf } from '../errors.ts'
import { hasErrno } from './fs.ts'

function isErrno(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'errno' in error
}

/** @throws STATE_UNWRITABLE or DISK_FULL naming the path, for what the file system refuses; anything else as it is. */
export async function writingState<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isDevclusterError(error) || !isErrno(error)) throw error
    const full = hasErrno(error, 'ENOSPC') || hasErrno(error, 'EDQUOT')
    throw new DevclusterError(
      full ? 'DISK_FULL' : 'STATE_UNWRITABLE',
      full ? `the disk is full: ${path} could not be written` : `${path} could not be written: ${messageOf(error)}`,
      {
        hint: full
          ? 'free some space (devcluster gc removes old caches), or point DEVCLUSTER_HOME to another disk'
          : 'make it writable, or point DEVCLUSTER_HOME to a folder that is',
        cause: error,
      },
    )
  }
}
