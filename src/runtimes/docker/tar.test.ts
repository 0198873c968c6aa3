import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstFile, writeTar } from './tar.ts'

const entry = (path: string, text: string, mode = 0o644) => ({ path, content: Buffer.from(text), mode, uid: 0, gid: 0 })

test('an archive is whole blocks with a header that sums up right, ended by two empty blocks', () => {
  const archive = writeTar([{ path: 'a/b.txt', content: Buffer.from('hello'), mode: 0o600, uid: 1000, gid: 1001 }], 1_700_000_000)
  expect(archive.byteLength).toBe(512 * 4)
  expect(archive.toString('latin1', 0, 7)).toBe('a/b.txt')
  expect(archive.toString('latin1', 100, 107)).toBe('0000600')
  expect(archive.toString('latin1', 108, 115)).toBe('0001750')
  expect(archive.toString('latin1', 116, 123)).toBe('0001751')
  expect(archive.toString('latin1', 124, 135)).toBe('00000000005')
  expect(archive.toString('latin1', 257, 265)).toBe('ustar\x0000')
  const stated = Number.parseInt(archive.toString('latin1', 148, 154), 8)
  const header = Buffer.from(archive.subarray(0, 512))
  header.fill(0x20, 148, 156)
  expect(header.reduce((sum, byte) => sum + byte, 0)).toBe(stated)
  expect(archive.subarray(1024).every((byte) => byte === 0)).toBe(true)
})

test('the system’s tar unpacks what is written: empty, exact and odd sizes, folders, long and non-ASCII names', () => {
  const long = `${'d'.repeat(90)}/${'e'.repeat(60)}/${'f'.repeat(95)}.conf`
  const folder = mkdtempSync(join(tmpdir(), 'devcluster-tar-'))
  try {
    const archive = writeTar(
      [
        entry('etc/', '', 0o755),
        entry('etc/empty', ''),
        entry('etc/block', 'x'.repeat(512)),
        entry('etc/ünï', 'y'.repeat(513), 0o640),
        entry(long, 'deep'),
      ],
      1_700_000_000,
    )
    execFileSync('tar', ['-x', '-C', folder, '--no-same-owner'], { input: archive })
    expect(readFileSync(join(folder, 'etc/empty'), 'utf8')).toBe('')
    expect(readFileSync(join(folder, 'etc/block'), 'utf8')).toBe('x'.repeat(512))
    expect(readFileSync(join(folder, 'etc/ünï'), 'utf8')).toBe('y'.repeat(513))
    expect(statSync(join(folder, 'etc/ünï')).mode & 0o777).toBe(0o640)
    expect(readFileSync(join(folder, long), 'utf8')).toBe('deep')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a name that no header can hold is refused', () => {
  expect(() => writeTar([entry('x'.repeat(101), '')], 0)).toThrow(/too long/)
})

test('the first regular file of an archive is found behind folders', () => {
  expect(firstFile(writeTar([entry('etc/', ''), entry('etc/passwd', 'root:x:0:0')], 0))?.toString()).toBe('root:x:0:0')
  expect(firstFile(writeTar([entry('etc/', '')], 0))).toBeUndefined()
  expect(firstFile(Buffer.alloc(0))).toBeUndefined()
})
