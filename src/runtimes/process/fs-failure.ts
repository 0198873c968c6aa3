// Turns errors of the file system into coded ones. Leaves every other error alone.
import { DevclusterError } from '../../errors.ts'
import { hasErrno } from '../../util/fs.ts'

/** DISK_FULL or STATE_UNWRITABLE for an errno that says so; undefined for anything else. */
export function fsFailure(error: unknown, what: string, path: string, node?: string): DevclusterError | undefined {
  if (hasErrno(error, 'ENOSPC') || hasErrno(error, 'EDQUOT')) {
    return new DevclusterError('DISK_FULL', `the disk is full: ${what} could not be written to ${path}`, {
      hint: 'free some space (devcluster gc removes old caches), or point DEVCLUSTER_HOME and DEVCLUSTER_CACHE to another disk',
      node,
      cause: error,
    })
  }
  if (['EACCES', 'EROFS', 'EPERM', 'ENOTDIR'].some((code) => hasErrno(error, code))) {
    return new DevclusterError('STATE_UNWRITABLE', `${what} could not be written to ${path}: no permission or read-only`, {
      hint: 'make the folder writable, or point DEVCLUSTER_HOME and DEVCLUSTER_CACHE to one that is',
      node,
      cause: error,
    })
  }
  return undefined
}
