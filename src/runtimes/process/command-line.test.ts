import { describe, expect, it } from 'vitest'
import { archiveFlags, type JavaProgram, startupArchive } from './archive.ts'
import { javaCommand } from './command-line.ts'
import type { MavenDistribution } from './distribution.ts'
import type { Java } from './java.ts'

const java: Java = { program: '/j/bin/java', major: 17, version: '17.0.1', build: 'b1' }
const distribution: MavenDistribution = { from: 'maven', id: 'toy-1', artifacts: [{ coordinate: 'a:b:1', sha256: 'ff', size: 1 }] }
const program: JavaProgram = {
  type: 'java',
  minVersion: 17,
  mainClass: 'a.Main',
  jvmArgs: ['-Xmx64m', '-XX:+UseSerialGC', '-Dnode=1'],
  args: ['x.conf'],
  archive: true,
}
const archive = (over: Partial<JavaProgram> = {}, on: Java = java, jars: string[] = ['/c/a.jar']) =>
  startupArchive('/c', { ...program, ...over }, distribution, on, jars)

describe('java command lines', () => {
  it('the order must be flags, class path, main class, arguments', () => {
    expect(javaCommand(java, program, ['/c/a.jar', '/c/b.jar'], undefined)).toEqual({
      program: '/j/bin/java',
      args: ['-Xmx64m', '-XX:+UseSerialGC', '-Dnode=1', '-cp', '/c/a.jar:/c/b.jar', 'a.Main', 'x.conf'],
    })
  })

  it('an archive must be used by its own arguments, which can be left out again', () => {
    const made = archive()
    expect(javaCommand(java, program, ['/c/a.jar'], made).archive).toEqual({ path: made.path, args: made.use })
    expect(made.use).toContain(`-XX:SharedArchiveFile=${made.path}`)
    expect(made.use).toContain('-Xshare:auto')
  })

  it('properties, heap sizes and agents must not change an archive; all else must', () => {
    expect(archiveFlags([...program.jvmArgs, '-javaagent:x.jar=1', '-agentlib:jdwp=address=1'])).toEqual(['-XX:+UseSerialGC'])
    const { path } = archive()
    expect(archive({ jvmArgs: ['-XX:+UseSerialGC', '-Dnode=2', '-Xmx1g'], args: ['other'] }).path).toBe(path)
    const others = [
      archive({ jvmArgs: ['-XX:+UseG1GC'] }),
      archive({ mainClass: 'a.Other' }),
      archive({}, { ...java, build: 'b2' }),
      archive({}, java, ['/elsewhere/a.jar']),
    ].map((other) => other.path)
    expect(new Set([path, ...others]).size).toBe(5)
  })

  it('Java 25 must get an AOT cache, Java 24 still AppCDS', () => {
    expect(archive({}, { ...java, major: 25 }).use[0]).toMatch(/^-XX:AOTCache=.*\.aot$/)
    expect(archive({}, { ...java, major: 25 }).make('/t')).toContain('-XX:AOTCacheOutput=/t')
    expect(archive({}, { ...java, major: 24 }).make('/t')).toContain('-XX:ArchiveClassesAtExit=/t')
  })
})
