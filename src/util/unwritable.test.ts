import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DevclusterError } from '../errors.ts'
import { makeDir } from './fs.ts'
import { writingState } from './unwritable.ts'

test('what the file system refuses has a code and a remedy; other errors stay what they are', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'devcluster-unwritable-'))
  try {
    writeFileSync(join(dir, 'file'), '')
    const below = join(dir, 'file', 'below')
    const refused = await writingState(below, () => makeDir(below)).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'STATE_UNWRITABLE', hint: expect.stringContaining('DEVCLUSTER_HOME') })
    expect(String(refused)).toContain(below)
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', errno: -28 })
    await expect(writingState(below, () => Promise.reject(full))).rejects.toMatchObject({ code: 'DISK_FULL' })
    for (const other of [new Error('a mistake of ours'), new DevclusterError('ABORTED', 'interrupted')])
      await expect(writingState(below, () => Promise.reject(other))).rejects.toBe(other)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
