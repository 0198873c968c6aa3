// The small pure judgements of this runtime: refusals, exits, sizes, owners, addresses.
import { expect, test } from 'vitest'
import type { ContainerSummary } from './api.ts'
import { exitOf, signalOf } from './exit-state.ts'
import { classifyPull, LayerSum } from './fetch.ts'
import { numericOwner, ownerInPasswd } from './files.ts'
import { describeEngine } from './index.ts'
import { parsePorts } from './labels.ts'
import { hardLimit, isLimitRefusal, mayRaise } from './limits.ts'
import { oomKillsIn } from './oom-kills.ts'
import { foreignPorts } from './place.ts'
import { portInRefusal } from './port-conflict.ts'
import { residentBytes } from './stats.ts'
import { bindAddress, clientHost, containerIds, demandBind, type Vantage } from './vantage.ts'

test.each([
  [
    'driver failed programming external connectivity on endpoint devcluster-x (3f2a): Bind for 127.0.0.1:20000 failed: port is already allocated',
    20000,
  ],
  [
    'driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:21234: bind: address already in use',
    21234,
  ],
  ['rootlessport listen tcp 0.0.0.0:22222: bind: address already in use', 22222],
  [
    'Ports are not available: exposing port TCP 127.0.0.1:20001 -> 127.0.0.1:0: listen tcp 127.0.0.1:20001: bind: address already in use',
    20001,
  ],
  ['failed to bind host port for [::1]:20002:172.18.0.2:9092/tcp: address already in use', 20002],
  ['OCI runtime create failed: exec: "/nope": no such file or directory', undefined],
])('the lost port in %j is %s', (message, port) => {
  expect(portInRefusal(message)).toBe(port)
})

test.each([
  ['manifest for apache/kafka:9.9 not found: manifest unknown: manifest unknown', 'not-found'],
  ['Error response from daemon: manifest unknown', 'not-found'],
  [
    "pull access denied for nobody/nothing, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'unauthorised',
  ],
  ['unauthorized: authentication required', 'unauthorised'],
  ['no basic auth credentials', 'unauthorised'],
  ['Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host', 'network'],
  ['Get "https://r.example/v2/": net/http: TLS handshake timeout', 'network'],
  ['Get "https://r.example/v2/": x509: certificate signed by unknown authority', 'network'],
  ['Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused', 'network'],
  ['write /var/lib/docker/tmp/GetImageBlob1: no space left on device', 'disk-full'],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'platform'],
  ['invalid reference format', 'reference'],
  ['something new', 'other'],
])('%j is %s', (message, kind) => {
  expect(classifyPull(message)).toBe(kind)
})

test('progress adds up layers; one that is there already counts for nothing, a finished one in full', () => {
  const sum = new LayerSum()
  expect(sum.totalBytes).toBeUndefined()
  sum.add({ status: 'Pulling from apache/kafka', id: '4.3.1' })
  sum.add({ status: 'Already exists', id: 'a' })
  sum.add({ status: 'Downloading', id: 'b', progressDetail: { current: 10, total: 100 } })
  sum.add({ status: 'Downloading', id: 'c', progressDetail: { current: 5, total: 50 } })
  expect([sum.doneBytes, sum.totalBytes]).toEqual([15, 150])
  sum.add({ status: 'Download complete', id: 'b' })
  sum.add({ status: 'Extracting', id: 'b', progressDetail: { current: 1, total: 100 } })
  expect([sum.doneBytes, sum.totalBytes]).toEqual([105, 150])
})

test('an exit code above 128 is a signal', () => {
  expect([0, 1, 128, 130, 137, 139, 143].map(signalOf)).toEqual([null, null, null, 'SIGINT', 'SIGKILL', 'SIGSEGV', 'SIGTERM'])
})

test('a container that never ran, or runs, has no exit', () => {
  const state = {
    Status: 'created',
    Running: false,
    Paused: false,
    ExitCode: 0,
    OOMKilled: false,
    FinishedAt: '0001-01-01T00:00:00Z',
    StartedAt: '0001-01-01T00:00:00Z',
  }
  expect(exitOf('n', { Id: 'x', State: state, Config: {} }, false)).toBeUndefined()
  expect(
    exitOf('n', { Id: 'x', State: { ...state, Running: true, FinishedAt: '2026-01-01T00:00:00Z' }, Config: {} }, false),
  ).toBeUndefined()
  expect(
    exitOf(
      'n',
      { Id: 'x', State: { ...state, ExitCode: 137, OOMKilled: true, FinishedAt: '2026-01-01T00:00:00.123456789Z' }, Config: {} },
      false,
    ),
  ).toEqual({
    node: 'n',
    at: Date.UTC(2026, 0, 1, 0, 0, 0, 123),
    code: 137,
    signal: 'SIGKILL',
    outOfMemory: true,
    expected: false,
  })
})

test('owners are read from numbers and from passwd', () => {
  expect(numericOwner('1000')).toEqual({ uid: 1000, gid: 0 })
  expect(numericOwner('1000:1001')).toEqual({ uid: 1000, gid: 1001 })
  expect(numericOwner('appuser')).toBeUndefined()
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nappuser:x:1000:1001::/home/appuser:/bin/bash\nbroken\n'
  expect(ownerInPasswd(passwd, 'appuser')).toEqual({ uid: 1000, gid: 1001 })
  expect(ownerInPasswd(passwd, 'broken')).toBeUndefined()
})

test('ports of other clusters are claimed, running or stopped; our own are not', () => {
  const container = (labels: Record<string, string>, ports: number[]): ContainerSummary => ({
    Id: 'x',
    Names: ['/x'],
    Image: 'i',
    State: 'running',
    Labels: labels,
    Ports: ports.map((port) => ({ PublicPort: port })),
  })
  expect([
    ...foreignPorts(
      [
        container({}, [1]),
        container({ 'devcluster.cluster': 'other', 'devcluster.ports': '{"client":2}' }, []),
        container({ 'devcluster.cluster': 'ours', 'devcluster.ports': '{"client":3}' }, [3]),
      ],
      'ours',
    ),
  ]).toEqual([1, 2])
  expect(parsePorts('{"a":1,"b":"x"}')).toEqual({ a: 1 })
  expect([parsePorts(undefined), parsePorts('{'), parsePorts('null')]).toEqual([{}, {}, {}])
})

test('resident memory is taken from either control group version', () => {
  expect(residentBytes({ usage: 100, stats: { anon: 40, file_mapped: 5, inactive_file: 10 } })).toBe(45)
  expect(residentBytes({ usage: 100, stats: { total_rss: 30, total_mapped_file: 2, rss: 1 } })).toBe(32)
  expect(residentBytes({ usage: 100, stats: {} })).toBe(100)
  expect(residentBytes({})).toBe(0)
})

test('the hard limits of open files and processes are read from proc', () => {
  const own = 'Max processes 1 2 processes\nMax open files            1024                 20000                files\n'
  expect([hardLimit(own, 'open files'), hardLimit(own, 'processes')]).toEqual([20000, 2])
  expect(hardLimit('Max open files            1024                 unlimited            files\n', 'open files')).toBeUndefined()
})

test('the right to raise limits is read from the bounding set; unknown counts as given', () => {
  const status = (bounding: string) => `CapEff:\t0000000000000000\nCapBnd:\t${bounding}\nCapAmb:\t0000000000000000\n`
  expect([status('000001ffffffffff'), status('000001fffeffffff'), ''].map(mayRaise)).toEqual([true, false, true])
})

test.each([
  [
    'runc create failed: error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted',
    true,
  ],
  ['crun: setrlimit `RLIMIT_NPROC`: Operation not permitted: OCI permission denied', true],
  ['unable to start container process: exec: "/nope": stat /nope: no such file or directory', false],
])('%j is about limits: %s', (message, about) => {
  expect(isLimitRefusal(message)).toBe(about)
})

test('the kernel’s count of memory kills is read from its statistics, where it keeps one', () => {
  expect(oomKillsIn('nr_free_pages 12\noom_kill 6\ndrop_pagecache 0\n')).toBe(6)
  expect(oomKillsIn('nr_free_pages 12\n')).toBeUndefined()
})

test('addresses follow from where the engine is', () => {
  const local: Vantage = { from: 'local' }
  const remote: Vantage = { from: 'remote', host: 'build.example', engine: 'tcp://build.example:2376' }
  const gateway: Vantage = { from: 'gateway', host: '172.17.0.1' }
  const rows = [local, remote, gateway].map((vantage) =>
    ['127.0.0.1', '0.0.0.0', '10.0.0.5'].map((bind) => [bindAddress(vantage, bind), clientHost(vantage, bind)]),
  )
  expect(rows).toEqual([
    [
      ['127.0.0.1', '127.0.0.1'],
      ['0.0.0.0', '127.0.0.1'],
      ['10.0.0.5', '10.0.0.5'],
    ],
    [
      ['127.0.0.1', 'build.example'],
      ['0.0.0.0', 'build.example'],
      ['10.0.0.5', '10.0.0.5'],
    ],
    [
      ['172.17.0.1', '172.17.0.1'],
      ['0.0.0.0', '172.17.0.1'],
      ['10.0.0.5', '10.0.0.5'],
    ],
  ])
  expect(() => demandBind(remote, false)).toThrow(
    expect.objectContaining({ code: 'REMOTE_BIND', hint: expect.stringContaining('bind: 0.0.0.0') }),
  )
  for (const [vantage, explicit] of [
    [remote, true],
    [local, false],
    [gateway, false],
  ] as const)
    expect(() => demandBind(vantage, explicit)).not.toThrow()
})

test('our own container is recognised by what its engine mounts', () => {
  const id = 'ab'.repeat(32)
  const line = (path: string) => `512 500 254:1 ${path} /etc/hostname rw,relatime - ext4 /dev/vda1 rw`
  expect(containerIds(`${line(`/var/lib/docker/containers/${id}/hostname`)}\n${line(`/var/lib/docker/containers/${id}/hosts`)}`)).toEqual([
    id,
  ])
  expect(containerIds(line(`/var/lib/containers/storage/overlay-containers/${id}/userdata/hostname`))).toEqual([id])
  expect(containerIds(line('/etc/hostname'))).toEqual([])
  const guest = `600 29 0:60 / /var/lib/containers/storage/overlay-containers/${id}/userdata/shm rw - tmpfs shm rw`
  expect(containerIds(guest)).toEqual([])
})

test('an engine is described by name, version and platform', () => {
  const version = { Version: '28.1.0', ApiVersion: '1.49', Os: 'linux', Arch: 'amd64' }
  expect(describeEngine({ ...version, Platform: { Name: 'Docker Engine - Community' } })).toBe('Docker Engine 28.1.0 (linux/amd64)')
  expect(describeEngine({ ...version, Platform: { Name: '' } })).toBe('Docker Engine 28.1.0 (linux/amd64)')
})
