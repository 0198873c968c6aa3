// Real brokers without enough memory, disk or quorum, and with a damaged start-up archive.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planCluster } from '../../src/index.ts'
import { archiveFlags, startupArchive } from '../../src/runtimes/process/archive.ts'
import { makeMemoryGroup, removeGroup } from '../../src/runtimes/process/cgroup.ts'
import { classPath } from '../../src/runtimes/process/distribution.ts'
import { searchJava } from '../../src/runtimes/process/java.ts'
import { cacheHome } from '../../src/util/paths.ts'
import { causeOf, expectReport, type Lab, oneBroker, openLab } from '../helpers/cluster.ts'

let lab: Lab
const cleanups: (() => void)[] = []
const saved = { ...process.env }
beforeEach(() => {
  lab = openLab()
})
afterEach(async () => {
  await lab.close()
  for (const clean of cleanups.splice(0).toReversed()) clean()
  for (const name of ['DEVCLUSTER_CACHE', 'DEVCLUSTER_JAVA_HOME', 'JAVA_HOME'] as const) {
    if (saved[name] === undefined) delete process.env[name]
    else process.env[name] = saved[name]
  }
})

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'devcluster-fail-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A cache that shares the downloads and nothing else. */
function privateCache(): string {
  const shared = join(cacheHome(), 'maven')
  const cache = tempDir()
  if (existsSync(shared)) symlinkSync(shared, join(cache, 'maven'))
  process.env['DEVCLUSTER_CACHE'] = cache
  return cache
}

function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'devcluster-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir], { stdio: 'ignore' })
    execFileSync('umount', [dir])
    return true
  } catch {
    return false
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function canLimit(): boolean {
  const group = makeMemoryGroup('probe', String(process.pid), 64 * 1024 * 1024)
  if (group === undefined) return false
  removeGroup(group)
  return true
}

/** A test where the machine allows it; elsewhere a skip that says what was not proven. */
function itWhere(allowed: boolean, missing: string, name: string, run: () => Promise<void>): void {
  if (!allowed) process.stderr.write(`NOT PROVEN here (${missing}): ${name}\n`)
  it.skipIf(!allowed)(name, run)
}

describe('memory', () => {
  it('a heap that is too small must be named with its remedy', async () => {
    const error = await lab.failing(oneBroker({ heap: '16m' }))
    expect(error).toMatchObject({ code: 'NODE_EXITED', data: { exit: { expected: false, outOfMemory: false } } })
    expect(causeOf(error)).toBe('HEAP_EXHAUSTED')
    expect(error.hint).toContain('heap:')
    expectReport(error, 'kafka-1')
    expect(lab.left()).toEqual([])
  })

  itWhere(canLimit(), 'no cgroup may be made', 'a broker killed by its memory limit must say so by code and node', async () => {
    const error = await lab.failing(oneBroker({ heap: '40m', resources: { memory: '64m' } }))
    expect(error).toMatchObject({ code: 'MEMORY_LIMIT', data: { exit: { outOfMemory: true } } })
    expect(causeOf(error)).toBe('MEMORY_LIMIT')
    expect(error.message).toContain('ended by its memory limit')
    expect(error.message).toContain('64 MB')
    expectReport(error, 'kafka-1', { silent: true })
    expect(lab.left()).toEqual([])
  })
})

describe('disk', () => {
  const mounted = canMount()
  const onDisk = (size: string): Lab => {
    const dir = tempDir()
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir])
    cleanups.push(() => execFileSync('umount', ['-l', dir]))
    const home = join(dir, 'home')
    mkdirSync(home)
    return openLab(home)
  }

  itWhere(mounted, 'nothing may be mounted', 'a disk that is full before the start must be DISK_FULL, and nothing runs', async () => {
    const small = onDisk('64k')
    const error = await small.failing(oneBroker())
    expect(error.code).toBe('DISK_FULL')
    expect(error.message).toContain(small.home)
    expect(error.hint).toContain('DEVCLUSTER_HOME')
    expect(small.left().filter((entry) => entry.startsWith('process'))).toEqual([])
    await small.close()
  })

  itWhere(mounted, 'nothing may be mounted', 'a disk that a broker fills must be DISK_FULL of that broker', async () => {
    const small = onDisk('8m')
    const generate = { count: 100_000, key: '{{i}}', value: 'x'.repeat(400) }
    const error = await small.failing(oneBroker({ topics: { large: { partitions: 1, replicas: 1, seed: { generate } } } }))
    expect(error.code).toBe('DISK_FULL')
    expect(causeOf(error)).toBe('DISK_FULL')
    expectReport(error, 'kafka-1')
    expect(small.left()).toEqual([])
    await small.close()
  })
})

describe('start-up archive', () => {
  it('a damaged archive must be thrown away, told of, and the broker be up without it', async (context) => {
    const cache = privateCache()
    const signal = AbortSignal.timeout(30_000)
    const plan = await planCluster(oneBroker(), { id: lab.id })
    const launch = plan.nodes[0]?.launch
    if (launch?.via !== 'process' || launch.program.type !== 'java' || launch.distribution.from !== 'maven') throw new Error('not Java')
    const search = await searchJava({ minVersion: 17, env: process.env, cache, signal })
    if (!('java' in search)) throw new Error('no Java')
    const jars = classPath(cache, launch.distribution)
    const archive = startupArchive(cache, launch.program, launch.distribution, search.java, jars)
    // An AOT cache that is cut off is found out by the JVM itself (Java 25): nothing crashes there.
    if (!archive.path.endsWith('.jsa')) context.skip()
    mkdirSync(join(cache, 'archives'), { recursive: true })
    // Without arguments Kafka prints its usage and ends with 1: loaded enough for an archive of this class path.
    const args = [...archive.make(archive.path), ...archiveFlags(launch.program.jvmArgs), '-cp', jars.join(':'), launch.program.mainClass]
    expect(() => execFileSync(search.java.program, args, { stdio: 'ignore' })).toThrow()
    expect(existsSync(archive.path)).toBe(true)
    truncateSync(archive.path, 64 * 1024)
    const cluster = await lab.start(oneBroker())
    expect(existsSync(archive.path)).toBe(false)
    expect(lab.warnings).toEqual([expect.stringMatching(/^the start-up archive of kafka-1 was damaged/)])
    expect((await cluster.status()).ready).toBe(true)
    const log: string[] = []
    for await (const line of cluster.node('kafka-1').logs()) log.push(line.text)
    expect(log.some((line) => line.includes('[devcluster] the start-up archive'))).toBe(true)
    await cluster.destroy()
    expect(lab.left()).toEqual([])
  })
})

describe('Java', () => {
  /** A home that looks like Java 11: its `release` says so, its program refuses classes as a real one of 11 would. */
  function oldJava(): string {
    const home = tempDir()
    mkdirSync(join(home, 'bin'))
    writeFileSync(join(home, 'release'), 'IMPLEMENTOR="Some"\nJAVA_VERSION="11.0.22"\nJAVA_RUNTIME_VERSION="11.0.22+7"\n')
    writeFileSync(join(home, 'bin', 'java'), '#!/bin/sh\nexit 1\n')
    chmodSync(join(home, 'bin', 'java'), 0o755)
    return home
  }

  it('a Java that is too old must be refused before anything starts, naming it and what helps', async () => {
    process.env['DEVCLUSTER_JAVA_HOME'] = oldJava()
    const error = await lab.failing(oneBroker())
    expect(error.code).toBe('JAVA_NOT_FOUND')
    expect(error.message).toBe('DEVCLUSTER_JAVA_HOME is Java 11.0.22, but 17 or newer is needed')
    expect(error.hint).toContain('17')
    expect(lab.left()).toEqual([])
  })

  it("a JVM that refuses Kafka's classes must be told as too old (a program that prints what Java 11 prints; no real one is at hand)", async () => {
    const home = oldJava()
    writeFileSync(join(home, 'release'), 'JAVA_VERSION="17.0.1"\n')
    const text =
      'Error: LinkageError occurred while loading main class kafka.Kafka\n\tjava.lang.UnsupportedClassVersionError: kafka/Kafka has been compiled by a more recent version of the Java Runtime (class file version 61.0), this version of the Java Runtime only recognizes class file versions up to 55.0'
    writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\ncat >&2 <<'END'\n${text}\nEND\nexit 1\n`)
    process.env['DEVCLUSTER_JAVA_HOME'] = home
    const error = await lab.failing(oneBroker())
    expect(error.code).toBe('NODE_EXITED')
    expect(causeOf(error)).toBe('JAVA_TOO_OLD')
    expect(error.message).toContain('it needs Java 17 and was started with Java 11')
    expectReport(error, 'kafka-1')
    expect(lab.left()).toEqual([])
  })
})

describe('quorum', () => {
  it('a lost majority of controllers must be named by status and wait, and up must repair it', async () => {
    const source = oneBroker({ controllers: 3 })
    const cluster = await lab.start(source)
    await Promise.all([cluster.node('kafka-controller-1').kill(), cluster.node('kafka-controller-2').kill()])
    const says = 'kafka-controller-1 and kafka-controller-2 are down: 2 of 3 voters, so the quorum has no majority'
    expect((await cluster.status()).services[0]?.why).toBe(says)
    const error = await cluster.wait('kafka', { withinMs: 20_000 }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'NODE_EXITED',
      message: expect.stringContaining(says),
      hint: expect.stringContaining('devcluster up'),
    })
    await lab.start(source)
    expect((await cluster.status()).ready).toBe(true)
    expect(readdirSync(join(lab.state, 'data')).toSorted()).toEqual([
      'kafka-1',
      'kafka-controller-1',
      'kafka-controller-2',
      'kafka-controller-3',
    ])
  })
})
