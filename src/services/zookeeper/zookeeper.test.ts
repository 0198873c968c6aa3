import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { describeNode, renderFixed } from '../../../test/helpers/place.ts'
import type { NodeSpec, Via } from '../../model/node.ts'
import type { Evidence } from '../../model/service.ts'
import type { ClusterSpec, ServiceSpec } from '../../model/spec.ts'
import { zookeeperCauses } from './causes.ts'
import { checkZookeeper } from './check.ts'
import handshake, { judge } from './handshake.ts'
import zookeeper from './index.ts'
import type { ZookeeperOptions } from './options.ts'
import { zookeeperUsable } from './probe.ts'
import { zookeeperSchema } from './schema.ts'
import { parseSrvr } from './srvr.ts'

const service = (given: object): ServiceSpec<ZookeeperOptions> => ({
  name: 'zookeeper',
  kind: 'zookeeper',
  options: zookeeperSchema.parse(given),
  needs: [],
  env: {},
  resources: {},
  volumes: [],
  implied: false,
})

/** As ZooKeeper 3.9.4 answers. */
const srvr = (mode: string) =>
  `Zookeeper version: 3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC\nLatency min/avg/max: 0/0.0/0\nReceived: 1\nSent: 0\nConnections: 4\nOutstanding: 2\nZxid: 0x0\nMode: ${mode}\nNode count: 5\n`

describe('the schema', () => {
  it('must default to one member of the newest version', () => {
    expect(zookeeperSchema.parse({})).toEqual({ version: '3.9.4', members: 1, tuning: 'dev', config: {} })
    expect(zookeeperSchema.parse({ version: 3.8, config: { tickTime: 500 } })).toMatchObject({
      version: '3.8.4',
      config: { tickTime: '500' },
    })
  })
  it('must refuse what an ensemble cannot be', () => {
    expect(zookeeperSchema.safeParse({ members: 6 }).success).toBe(false)
    expect(zookeeperSchema.safeParse({ nodes: 3 }).success).toBe(false)
  })
})

describe('checkZookeeper', () => {
  const check = (given: object) =>
    checkZookeeper(service(given)).map(({ severity, path, code }) => [severity, path.join(' '), code].join(' ').trim())
  it('must find unknown versions, even ensembles, port overflow and owned settings', () => {
    expect(check({ version: '3.4', members: 2, port: 65_535, config: { clientPort: 1, 'server.1': 'x', tickTime: 1 } })).toEqual([
      'error version VERSION_UNAVAILABLE',
      'warning members',
      'error port',
      'error config clientPort',
      'error config server.1',
    ])
    expect(check({ members: 3 })).toEqual([])
  })
})

describe.each<Via>(['process', 'container'])('rendered as %s', (via) => {
  it.each([
    ['one-member', {}],
    ['three-members', { version: '3.8', members: 3, port: 2181, heap: '128m', config: { maxClientCnxns: 10 } }],
    ['stock', { tuning: 'stock' }],
  ])('%s must stay as reviewed', async (name, options) => {
    const { nodes } = renderFixed({ zookeeper: options }, [zookeeper], via)
    await expect(nodes.map(describeNode).join('\n')).toMatchFileSnapshot(`golden/${name}.${via}.txt`)
  })
})

describe('srvr', () => {
  it('must be read, and its absence too', () => {
    expect(parseSrvr(srvr('leader'))).toEqual({ mode: 'leader', version: '3.9.4', connections: 4, outstanding: 2 })
    expect(parseSrvr('This ZooKeeper instance is not currently serving requests\n')).toBeUndefined()
    expect(parseSrvr('')).toBeUndefined()
  })
  it('must fit the size of the ensemble', () => {
    const node = { id: 'zookeeper-1', role: 'member', ports: {}, facts: { members: 3 } }
    const read = (mode: string) => parseSrvr(srvr(mode)) ?? { mode: 'standalone' as const, version: '', connections: 0, outstanding: 0 }
    expect(judge(node, read('follower'))).toMatchObject({ ready: true })
    expect(judge(node, read('standalone'))).toMatchObject({ ready: false, fatal: true })
  })
})

/** Members that answer as told, on ports of their own; undefined: accepts and says nothing. */
async function withMembers(
  modes: readonly (string | undefined)[],
  work: (nodes: readonly NodeSpec[], cluster: ClusterSpec) => Promise<void>,
): Promise<void> {
  const servers = await Promise.all(
    modes.map(
      (mode) =>
        new Promise<import('node:net').Server>((resolve) => {
          const server = createServer((socket) => {
            socket.on('error', () => undefined)
            socket.once('data', () => socket.end(mode === undefined ? '' : srvr(mode)))
          }).listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const { nodes, cluster } = renderFixed({ zookeeper: { members: modes.length } }, [zookeeper], 'process')
  const placed = nodes.map((node, i): NodeSpec => {
    const address = servers[i]?.address()
    const host = { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 }
    return { ...node, place: { ...node.place, ports: { ...node.place.ports, client: { listen: host, peer: host, host } } } }
  })
  try {
    await work(placed, cluster)
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

describe('usable', () => {
  const ask = async (modes: readonly (string | undefined)[]) => {
    let verdict: unknown
    await withMembers(modes, async (nodes, cluster) => {
      verdict = await zookeeperUsable({ cluster, service: service({ members: modes.length }), nodes, all: nodes })(
        AbortSignal.timeout(5000),
      )
    })
    return verdict
  }
  it('must mean a mode everywhere and exactly one leader', async () => {
    expect(await ask(['follower', 'leader', 'follower'])).toEqual({ ready: true, detail: 'zookeeper-2 leads 3 members' })
    expect(await ask(['standalone'])).toEqual({ ready: true, detail: 'standalone' })
    expect(await ask(['leader', 'leader', 'follower'])).toEqual({ ready: false, why: 'zookeeper-1 and zookeeper-2 all lead' })
    expect(await ask(['follower', 'follower', 'follower'])).toEqual({ ready: false, why: 'no member leads' })
    expect(await ask(['leader', undefined, 'follower'])).toMatchObject({
      ready: false,
      why: expect.stringMatching(/^zookeeper-2: .*closed without an answer$/),
    })
  })
  it('must tell each member apart for status', async () => {
    await withMembers(['leader', undefined, 'follower'], async (nodes) => {
      const known = nodes.map((node) => ({
        id: node.id,
        role: node.role,
        facts: node.facts,
        ports: { client: node.place.ports['client']?.host ?? { host: '', port: 0 } },
      }))
      expect(await handshake(known, AbortSignal.timeout(5000))).toMatchObject({
        'zookeeper-1': { ready: true, detail: 'leader' },
        'zookeeper-2': { ready: false },
        'zookeeper-3': { ready: true },
      })
    })
  })
})

describe('the causes', () => {
  const { nodes } = renderFixed({ zookeeper: { members: 3 } }, [zookeeper], 'process')
  const [, second] = nodes
  if (!second) throw new Error('no second member')
  const ask = (more: Partial<Evidence>) => {
    const evidence: Evidence = { node: second, log: [], others: [], ...more }
    return zookeeperCauses.flatMap((cause) => {
      const text = cause.match(evidence)
      return text ? [`${cause.id}: ${text.cause}`] : []
    })[0]
  }
  it('must know a foreign myid by its log', () => {
    expect(
      ask({
        log: [
          '2026-11-23T09:41:18.726Z INFO Starting quorum peer, myid=1 (org.apache.zookeeper.server.quorum.QuorumPeerMain)',
          'java.net.BindException: Address already in use',
        ],
      }),
    ).toMatch(/^MYID_MISMATCH: .*member 1, but it is member 2/)
    expect(ask({ log: ['java.lang.RuntimeException: My id 9 not in the peer list'] })).toMatch(/^MYID_MISMATCH: .*member 9/)
    expect(
      ask({ log: ['2026-11-23T09:41:18.417Z INFO Starting quorum peer, myid=2 (org.apache.zookeeper.server.quorum.QuorumPeerMain)'] }),
    ).toBeUndefined()
  })
  it('must know a taken port', () => {
    expect(
      ask({
        log: [
          '2026-11-23T09:41:20.193Z ERROR Exception while listening to address /127.0.0.1:21702 (org.apache.zookeeper.server.quorum.QuorumCnxManager)',
          'java.net.BindException: Address already in use',
        ],
      }),
    ).toContain('127.0.0.1:21702')
  })
  it('must name who is down when no majority is left', () => {
    expect(
      ask({
        others: [
          { node: 'zookeeper-1', state: 'failed' },
          { node: 'zookeeper-3', state: 'stopped' },
        ],
      }),
    ).toMatch(/^QUORUM_LOST: zookeeper-1 and zookeeper-3 are down/)
    expect(
      ask({
        others: [
          { node: 'zookeeper-1', state: 'failed' },
          { node: 'zookeeper-3', state: 'ready' },
        ],
      }),
    ).toBeUndefined()
  })
})
