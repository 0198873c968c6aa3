// Real brokers whose data or ports are not theirs: each failure is provoked, named by code, node and cause, reported, and leaves nothing behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeSpec } from '../../src/index.ts'
import { isPortFree } from '../../src/util/ports.ts'
import { causeOf, expectReport, type Lab, listenOn, oneBroker, openLab, processesWith } from '../helpers/cluster.ts'

let lab: Lab
let servers: Server[]
beforeEach(() => {
  servers = []
  lab = openLab()
})
afterEach(async () => {
  for (const server of servers) server.close()
  await lab.close()
})

function edit(path: string, change: (text: string) => string): void {
  const text = readFileSync(path, 'utf8')
  const changed = change(text)
  expect(changed).not.toBe(text)
  writeFileSync(path, changed)
}

const clientPort = (node: NodeSpec) => node.place.ports['client']?.listen.port ?? 0

/** Takes the broker's port just before its start, `times` times. */
function thief(times: number) {
  let left = times
  return processesWith((real) => ({
    start: async (cluster, node, signal) => {
      if (left-- > 0) servers.push(await listenOn(clientPort(node)))
      await real.start(cluster, node, signal)
    },
  }))
}

describe('ports', () => {
  it('a fixed port that is taken must be refused before anything starts, naming pid and command of its owner', async () => {
    let port = 21_000
    while (!(await isPortFree(port))) port++
    servers.push(await listenOn(port))
    const error = await lab.failing(oneBroker({ port }))
    expect(error).toMatchObject({ code: 'PORT_TAKEN', node: 'kafka-1', data: { port, pid: process.pid } })
    expect(error.message).toMatch(new RegExp(`^port ${port} of kafka-1 .* is taken by pid ${process.pid} \\(.+\\)$`))
    expect(error.hint).toContain(`end pid ${process.pid}`)
    expect(lab.left()).toEqual([])
  })

  it('a chosen port that is lost before the start must cost one retry with other ports, and be told', async () => {
    const cluster = await lab.start(oneBroker(), { runtimes: thief(1) })
    expect(lab.warnings).toHaveLength(1)
    expect(lab.warnings[0]).toMatch(/^kafka-1 .*another program took 127\.0\.0\.1:\d+ .*: trying once more with other ports$/)
    expect((await cluster.status()).ready).toBe(true)
    await cluster.destroy()
    expect(lab.left()).toEqual([])
  })

  it('a port that is lost again and again must end in PORT_TAKEN with its owner', async () => {
    const error = await lab.failing(oneBroker(), { runtimes: thief(2) })
    expect(error).toMatchObject({ code: 'PORT_TAKEN', data: { pid: process.pid } })
    expect(causeOf(error)).toBe('PORT_TAKEN')
    expect(error.message).toContain(`(by pid ${process.pid} (`)
    expectReport(error, 'kafka-1')
    expect(lab.left()).toEqual([])
  })

  it('an advertised address that nobody answers on must be named', async () => {
    const error = await lab.failing(oneBroker(), {
      readyWithinMs: 10_000,
      runtimes: processesWith((real) => ({
        start: (cluster, node, signal) => {
          const files = node.files.map((file) =>
            typeof file.content === 'string'
              ? { ...file, content: file.content.replace(/^(advertised\.listeners=.*:)\d+$/m, '$11') }
              : file,
          )
          return real.start(cluster, { ...node, files }, signal)
        },
      })),
    })
    expect(error.code).toBe('NOT_READY')
    expect(causeOf(error)).toBe('ADVERTISED_UNREACHABLE')
    expect(error.message).toContain('127.0.0.1:1')
    expectReport(error, 'kafka-1')
    expect(lab.left()).toEqual([])
  })
})

describe('data of others', () => {
  it('data of another node must be named with both ids, and stay', async () => {
    await lab.stopped(oneBroker())
    edit(lab.data('kafka-1', 'meta.properties'), (text) => text.replace(/node\.id=.*/, 'node.id=7'))
    const error = await lab.failing(oneBroker())
    expect(error).toMatchObject({ code: 'NODE_EXITED', data: { exit: { code: 1, expected: false } } })
    expect(causeOf(error)).toBe('NODE_ID_MISMATCH')
    expect(error.message).toContain('its data belongs to node 7, but it is node 1')
    expectReport(error, 'kafka-1')
    // What this up did not create it does not remove.
    expect(readFileSync(lab.data('kafka-1', 'meta.properties'), 'utf8')).toContain('node.id=7')
  })

  it('data of another cluster must end the wait early', async () => {
    const source = oneBroker({ controllers: 1 })
    await lab.stopped(source)
    edit(lab.data('kafka-1', 'meta.properties'), (text) => text.replace(/cluster\.id=.*/, 'cluster.id=AAAAAAAAAAAAAAAAAAAAAA'))
    const error = await lab.failing(source)
    expect(causeOf(error)).toBe('CLUSTER_ID_MISMATCH')
    expect(error.code).toBe('NOT_READY')
    // A broker has 90 s to become ready; this one says every 20 ms that it never will.
    expect(error.data['waitedMs']).toBeLessThan(45_000)
    // The broker and the controller both say that the other is a stranger, and neither can know who is; whoever says it twice first is named.
    expect(['kafka-1', 'kafka-controller-1']).toContain(error.node)
    expectReport(error, error.node ?? '')
  })

  it('a data directory that another process holds must be named', async () => {
    await lab.stopped(oneBroker())
    const path = lab.data('kafka-1', '.lock')
    // What a broker does to its directory, done by a JVM of its own: FileChannel.lock on .lock.
    const hold = join(lab.home, 'Hold.java')
    writeFileSync(
      hold,
      'class Hold { public static void main(String[] a) throws Exception { new java.io.RandomAccessFile(a[0], "rw").getChannel().lock(); System.out.println("held"); System.in.read(); } }',
    )
    const holder = spawn('java', [hold, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      await once(holder.stdout, 'data')
      const error = await lab.failing(oneBroker())
      expect(error.code).toBe('NODE_EXITED')
      expect(causeOf(error)).toBe('DATA_DIR_LOCKED')
      expect(error.message).toContain(join(lab.state, 'data', 'kafka-1'))
      expectReport(error, 'kafka-1')
    } finally {
      holder.kill('SIGKILL')
    }
    // Once the other one is gone, the same command works.
    expect((await (await lab.start(oneBroker())).status()).ready).toBe(true)
  })

  it("a member with another member's myid must be named, and a failure of the run before must not be taken for it", async () => {
    const source = { name: 'fail', runtime: 'process', services: { zookeeper: { members: 3 } } } as const
    await lab.stopped(source)
    writeFileSync(lab.data('zookeeper-2', 'myid'), '9\n')
    const error = await lab.failing(source)
    expect(error.code).toBe('NODE_EXITED')
    expect(causeOf(error)).toBe('MYID_MISMATCH')
    expect(error.message).toContain('its data says it is member 9, but it is member 2')
    expectReport(error, 'zookeeper-2')
  })
})
