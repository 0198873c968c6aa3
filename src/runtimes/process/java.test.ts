import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JavaQuery, majorOf, parseRelease, parseVersionOutput, searchJava } from './java.ts'
import { ensureJava } from './java-fetch.ts'

describe('java', () => {
  let home: string
  let query: JavaQuery

  /** A Java home whose program only tells its version. */
  const install = async (name: string, version: string, release = true) => {
    const folder = join(home, name)
    await mkdir(join(folder, 'bin'), { recursive: true })
    const script = `#!/bin/sh\necho ran >> "${folder}/runs"\necho 'openjdk version "${version}" 2025-01-01' >&2\necho 'OpenJDK Runtime Environment (build ${version}+1)' >&2\n`
    await writeFile(join(folder, 'bin', 'java'), script)
    await chmod(join(folder, 'bin', 'java'), 0o755)
    if (release)
      await writeFile(
        join(folder, 'release'),
        `IMPLEMENTOR="Toy"\nJAVA_RUNTIME_VERSION="${version}+1"\nJAVA_VERSION="${version}"\nOS_ARCH="x86_64"\n`,
      )
    return folder
  }
  const runs = async (folder: string) => {
    const { readFile } = await import('node:fs/promises')
    return (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).split('\n').length - 1
  }

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'devcluster-test-'))
    query = {
      minVersion: 17,
      cache: join(home, 'cache'),
      signal: new AbortController().signal,
      env: { PATH: '/nowhere', DEVCLUSTER_JAVA_SEARCH: 'off' },
    }
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('version texts must give their feature number', () => {
    expect(['17.0.15', '1.8.0_402', '25-ea', '21', '11.0.2+9'].map(majorOf)).toEqual([17, 8, 25, 21, 11])
    expect(parseRelease('JAVA_VERSION="21.0.4"\nIMPLEMENTOR="Eclipse"\n')).toEqual({ version: '21.0.4', build: 'Eclipse/21.0.4/' })
    expect(parseRelease('SOURCE=""')).toBeUndefined()
    expect(parseVersionOutput('Picked up X\nopenjdk version "17.0.15" 2025-04-15')?.version).toBe('17.0.15')
    expect(parseVersionOutput('not java')).toBeUndefined()
  })

  it('a named Java must win; JAVA_HOME must come before PATH', async () => {
    const [named, javaHome, onPath] = [await install('named', '21.0.1'), await install('home', '17.0.1'), await install('path', '25.0.1')]
    const env = { ...query.env, JAVA_HOME: javaHome, PATH: join(onPath, 'bin') }
    expect(await searchJava({ ...query, env: { ...env, DEVCLUSTER_JAVA_HOME: named } })).toMatchObject({ java: { major: 21 } })
    expect(await searchJava({ ...query, env })).toMatchObject({ java: { major: 17, program: join(javaHome, 'bin', 'java') } })
    expect(await searchJava({ ...query, env, minVersion: 21 })).toMatchObject({ java: { major: 25 } })
    expect(await runs(named)).toBe(0)
  })

  it('a Java without a release file must be asked once and remembered', async () => {
    const folder = await install('plain', '17.0.9', false)
    const env = { ...query.env, JAVA_HOME: folder }
    expect(await searchJava({ ...query, env })).toMatchObject({ java: { version: '17.0.9' } })
    expect(await searchJava({ ...query, env })).toMatchObject({ java: { version: '17.0.9' } })
    expect(await runs(folder)).toBe(1)
  })

  it('a named Java that is too old or none must be said so, not passed over', async () => {
    const env = { ...query.env, DEVCLUSTER_JAVA_HOME: await install('old', '11.0.2') }
    await expect(searchJava({ ...query, env })).rejects.toMatchObject({
      code: 'JAVA_NOT_FOUND',
      message: 'DEVCLUSTER_JAVA_HOME is Java 11.0.2, but 17 or newer is needed',
    })
    await expect(searchJava({ ...query, env: { ...env, DEVCLUSTER_JAVA_HOME: '/nowhere' } })).rejects.toMatchObject({
      code: 'JAVA_NOT_FOUND',
    })
  })

  it('without any Java the error must name what was found and the three ways out', async () => {
    const env = { ...query.env, JAVA_HOME: await install('old', '1.8.0_402'), DEVCLUSTER_JAVA_DOWNLOAD: 'off' }
    const failure = await ensureJava({ ...query, env, onProgress: () => undefined }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'JAVA_NOT_FOUND' })
    expect(String(failure)).toContain('only Java 1.8.0_402')
    const hint = typeof failure === 'object' && failure !== null && 'hint' in failure ? String(failure.hint) : ''
    for (const way of ['install a JDK 17', 'DEVCLUSTER_JAVA_HOME', 'devcluster pull']) expect(hint).toContain(way)
  })
})
