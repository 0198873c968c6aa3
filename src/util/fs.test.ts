import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeDir } from './fs.ts'

const base = mkdtempSync(join(tmpdir(), 'devcluster-fs-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('makeDir', () => {
  it('must make all that is missing with its mode, and be content when it is there', async () => {
    const dir = join(base, 'a', 'b', 'c')
    await Promise.all([makeDir(dir), makeDir(dir)])
    await makeDir(dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
  })

  it('must refuse what lies below a file', async () => {
    writeFileSync(join(base, 'file'), '')
    await expect(makeDir(join(base, 'file', 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(makeDir(join(base, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  })

  it.skipIf(!existsSync('/proc/self'))('must end where the system answers that an existing folder does not exist', async () => {
    await expect(makeDir('/proc/nope/deeper')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
