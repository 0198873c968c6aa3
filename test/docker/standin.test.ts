// Stand-in images keep the official images' contracts, as far as the product and its users rely on them.
// Does not test Kafka or ZooKeeper, and not the product.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Bench, docker, mirror, whyNot } from './docker-cli.ts'

const missing = whyNot()
const required = process.env['DEVCLUSTER_REQUIRE_DOCKER'] === '1'

const kafka4 = `${mirror}/apache/kafka:4.3.1`
const kafka3 = `${mirror}/apache/kafka:3.9.2`
const zookeeper = `${mirror}/library/zookeeper:3.9.4`
const toy = `${mirror}/devcluster-test/toy:1`

const bench = new Bench()
const dir = mkdtempSync(join(tmpdir(), 'devcluster-standin-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const env = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['--env', `${name}=${value}`])

/** A single combined node, all by environment. */
const kraft = {
  CLUSTER_ID: '4L6g3nShT-eMCtK--X86sw',
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
  KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://localhost:9092',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_LOG_DIRS: '/var/lib/kafka/data',
}
const started = 'Kafka Server started'
const atHome = ['--bootstrap-server', 'localhost:9092']
const tool = (name: string): string => `/opt/kafka/bin/${name}.sh`

/** Classes that came from a start-up archive of the image, by the class-loading log of one JVM. */
async function archived(id: string, files: string): Promise<number> {
  return Number(await bench.exec(id, 'bash', '-O', 'extglob', '-c', `cat ${files} | grep -c 'shared objects file (top)'`))
}

if (missing !== undefined) process.stderr.write(`\n*** stand-in image tests SKIPPED: ${missing}\n\n`)
if (missing !== undefined && required) {
  test('stand-in images can be tested here', () => {
    expect(missing).toBeUndefined()
  })
}

describe.skipIf(missing !== undefined)(`stand-in images${missing ? ` (skipped: ${missing})` : ''}`, () => {
  beforeAll(async () => {
    const pulled = await Promise.all([kafka4, kafka3, zookeeper, toy].map((image) => docker('pull', '--quiet', image)))
    for (const { code, text } of pulled) expect(code, text).toBe(0)
  })
  afterEach(() => bench.clear())

  test.each([kafka4, kafka3, zookeeper, toy])('%s says on its label that it is a stand-in', async (image) => {
    expect(await bench.inspect(image, '{{index .Config.Labels "devcluster.standin"}}')).toBe('true')
  })

  test('stand-in kafka declares the user, volumes, port and command of the official image', async () => {
    const config = await bench.inspect(kafka4, '{{json .Config}}')
    expect(JSON.parse(config)).toMatchObject({
      User: 'appuser',
      Cmd: ['/etc/kafka/docker/run'],
      ExposedPorts: { '9092/tcp': {} },
      Volumes: { '/etc/kafka/secrets': {}, '/var/lib/kafka/data': {}, '/mnt/shared/config': {} },
    })
    const look =
      'id -u; id -g; stat -c "%U:%G %n" /opt/kafka/config /var/lib/kafka/data /etc/kafka/secrets /mnt/shared/config /usr/logs; hostname -i'
    const { code, text } = await bench.runToEnd(kafka4, [], ['bash', '-c', look])
    expect(code).toBe(0)
    expect(text.split('\n').slice(0, 7)).toEqual([
      '1000',
      '1000',
      'appuser:appuser /opt/kafka/config',
      'appuser:root /var/lib/kafka/data',
      'appuser:root /etc/kafka/secrets',
      'appuser:appuser /mnt/shared/config',
      'appuser:appuser /usr/logs',
    ])
    expect(text.split('\n')[7]).toMatch(/^\d+\.\d+\.\d+\.\d+/)
  })

  test.each([
    ['4.3.1', kafka4],
    ['3.9.2', kafka3],
  ])(
    // Heap and Java's own variables are no properties: the defaults stay. The log cleaner's stock buffer of 128 MB needs its place in the heap.
    'stand-in kafka %s without properties in its environment serves on 9092 as localhost, ends on SIGTERM, keeps its data over a restart',
    async (_version, image) => {
      const id = await bench.run(
        image,
        env({ JAVA_TOOL_OPTIONS: '-Xlog:class+load:file=/tmp/load-%p.log', KAFKA_HEAP_OPTS: '-Xms128m -Xmx384m' }),
      )
      const log = await bench.untilLogged(id, started)
      expect(log).toContain('Transitioning from RECOVERY to RUNNING')
      expect(log).not.toContain('lready formatted')

      expect(await bench.exec(id, 'ps', '-ww', '-o', 'args=', '-p', '1')).toMatch(
        /^java .*-Xmx384m .*-XX:SharedArchiveFile=\/opt\/kafka\/kafka\.jsa .* kafka\.Kafka /,
      )
      // Both archives are in use: the server's by PID 1, the formatter's by the JVM before it.
      expect(await archived(id, '/tmp/load-1.log')).toBeGreaterThan(1000)
      expect(await archived(id, '/tmp/load-!(1).log')).toBeGreaterThan(300)

      expect(await bench.exec(id, tool('kafka-broker-api-versions'), ...atHome)).toContain('localhost:9092 (id: 1 ')
      await bench.exec(id, tool('kafka-topics'), ...atHome, '--create', '--topic', 'kept')

      expect([0, 143]).toContain(await bench.stop(id))
      await bench.start(id)
      const again = await bench.untilLogged(id, started, 2)
      expect(again).toMatch(/already formatted/i)
      expect(await bench.exec(id, tool('kafka-topics'), ...atHome, '--list')).toContain('kept')
    },
  )

  test.each([
    ['4.3.1', kafka4, /process\.roles/],
    ['3.9.2', kafka3, /process\.roles|zookeeper\.connect/],
  ])('stand-in kafka %s loses its defaults by one mapped variable, and says what it lacks', async (_version, image, lack) => {
    const { code, text } = await bench.runToEnd(image, env({ KAFKA_LOG_RETENTION_HOURS: '1' }))
    expect(code).toBe(1)
    expect(text).toMatch(lack)
  })

  test('stand-in kafka appends the environment to a mounted file, the environment wins, and underscores become dots, underscores, dashes', async () => {
    const { CLUSTER_ID: _, ...settings } = kraft
    const named = Object.entries(settings).map(
      ([name, value]) => `${name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.')}=${value}`,
    )
    const file = join(dir, 'server.properties')
    writeFileSync(file, `${[...named, 'num.partitions=2', 'log.retention.hours=5'].join('\n')}\n`)
    const id = await bench.create(kafka4, env({ KAFKA_NUM_PARTITIONS: '7', KAFKA_A__B___C_D: 'x' }))
    await bench.put(file, id, '/mnt/shared/config/server.properties')
    await bench.start(id)
    await bench.untilLogged(id, started)
    const brokers = ['--entity-type', 'brokers', '--entity-name', '1', '--all', '--describe']
    const configs = await bench.exec(id, tool('kafka-configs'), ...atHome, ...brokers)
    expect(configs).toMatch(/^\s*num\.partitions=7 /m)
    expect(configs).toMatch(/^\s*log\.retention\.hours=5 /m)
    expect(await bench.exec(id, 'grep', '-x', 'a_b-c.d=x', '/opt/kafka/config/server.properties')).toBe('a_b-c.d=x')
  })

  test('stand-in kafka refuses advertised listeners on a controller', async () => {
    const { code, text } = await bench.runToEnd(kafka4, env({ ...kraft, KAFKA_PROCESS_ROLES: 'controller' }))
    expect(code).toBe(1)
    expect(text).toContain('KAFKA_ADVERTISED_LISTENERS is not supported on a KRaft controller.')
  })

  test('stand-in kafka asks for key store files by the name of a listener', async () => {
    const listeners = { KAFKA_ADVERTISED_LISTENERS: 'SSL://localhost:9092' }
    const none = await bench.runToEnd(kafka4, env({ ...kraft, ...listeners }))
    expect(none).toMatchObject({ code: 1, text: expect.stringContaining('KAFKA_SSL_KEYSTORE_FILENAME environment variable not set') })
    const one = await bench.runToEnd(kafka4, env({ ...kraft, ...listeners, KAFKA_SSL_KEYSTORE_FILENAME: 'a.jks' }))
    expect(one).toMatchObject({ code: 1, text: expect.stringContaining('KAFKA_SSL_KEYSTORE_CREDENTIALS environment variable not set') })
    const sasl = await bench.runToEnd(kafka4, env({ ...kraft, KAFKA_ADVERTISED_LISTENERS: 'SASL_PLAINTEXT://localhost:9092' }))
    expect(sasl).toMatchObject({ code: 1, text: expect.stringContaining('KAFKA_OPTS environment variable not set') })
  })

  test('stand-in kafka refuses the data of another cluster or node', async () => {
    const volume = await bench.volume()
    const data = ['--volume', `${volume}:/var/lib/kafka/data`]
    const first = await bench.run(kafka4, [...data, ...env(kraft)])
    await bench.untilLogged(first, started)
    await bench.stop(first)

    const cluster = await bench.runToEnd(kafka4, [...data, ...env({ ...kraft, CLUSTER_ID: '5L6g3nShT-eMCtK--X86sw' })])
    expect(cluster.code).toBe(1)
    expect(cluster.text).toMatch(/Invalid cluster\.id in: .* Expected 5L6g3nShT-eMCtK--X86sw, but read 4L6g3nShT-eMCtK--X86sw/)

    const other = { KAFKA_NODE_ID: '2', KAFKA_CONTROLLER_QUORUM_VOTERS: '2@localhost:9093' }
    const node = await bench.runToEnd(kafka4, [...data, ...env({ ...kraft, ...other })])
    expect(node.code).toBe(1)
    expect(node.text).toMatch(/Stored node id 1 doesn't match/)
  })

  test('stand-in kafka starts by a script that is copied in while its command waits', async () => {
    const script = join(dir, 'start.sh')
    writeFileSync(script, '#!/bin/bash\nexport KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9094\nexec /etc/kafka/docker/run\n')
    chmodSync(script, 0o777)
    const command = ['sh', '-c', 'while [ ! -f /tmp/start.sh ]; do sleep 0.1; done; exec /tmp/start.sh']
    const { KAFKA_ADVERTISED_LISTENERS: _, ...rest } = kraft
    const listeners = { KAFKA_LISTENERS: 'PLAINTEXT://:9094,CONTROLLER://:9093' }
    const id = await bench.run(kafka4, env({ ...rest, ...listeners }), command)
    await bench.put(script, id, '/tmp/start.sh')
    await bench.untilLogged(id, 'Transitioning from RECOVERY to RUNNING')
    await bench.untilLogged(id, started)
    expect(await bench.exec(id, tool('kafka-broker-api-versions'), '--bootstrap-server', 'localhost:9094')).toContain(
      'localhost:9094 (id: 1 ',
    )
  })

  const srvr = (id: string): Promise<string> => bench.exec(id, 'bash', '-c', 'echo srvr | nc -w 2 localhost 2181')

  test('stand-in zookeeper without environment is standalone, under its own user, with its admin server', async () => {
    const id = await bench.run(zookeeper)
    await bench.until(
      id,
      () => srvr(id),
      (answer) => answer.includes('Mode: standalone'),
    )
    expect(await bench.exec(id, 'ps', '-o', 'user=,comm=', '-p', '1')).toMatch(/^zookeep\S* +java$/)
    expect(await bench.exec(id, 'zkServer.sh', 'status')).toContain('Mode: standalone')
    const admin = () => bench.exec(id, 'wget', '-qO-', 'http://localhost:8080/commands/srvr')
    const answer = await bench.until(id, admin, (text) => text.includes('"server_stats"'))
    expect(JSON.parse(answer)).toMatchObject({ error: null })
    expect(await bench.exec(id, 'bash', '-c', 'echo ruok | nc -w 2 localhost 2181')).toContain('not in the whitelist')
    expect([0, 143]).toContain(await bench.stop(id))
  })

  test('stand-in zookeeper keeps the id of old data', async () => {
    const volume = await bench.volume()
    const data = ['--volume', `${volume}:/data`]
    const first = await bench.run(zookeeper, [...data, ...env({ ZOO_MY_ID: '1' })])
    await bench.until(
      first,
      () => srvr(first),
      (answer) => answer.includes('Mode: standalone'),
    )
    await bench.remove(first)
    const second = await bench.run(zookeeper, [...data, ...env({ ZOO_MY_ID: '5' })])
    await bench.until(
      second,
      () => srvr(second),
      (answer) => answer.includes('Mode: standalone'),
    )
    expect(await bench.exec(second, 'cat', '/data/myid')).toBe('1')
  })

  test('three stand-in zookeepers elect one leader, and serve metrics when asked to', async () => {
    const network = await bench.network()
    const ids = [1, 2, 3]
    const servers = ids.map((n) => `server.${n}=zk-${n}:2888:3888;2181`).join(' ')
    const extra =
      'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider metricsProvider.httpPort=7000'
    const nodes = await Promise.all(
      ids.map((n) =>
        bench.run(zookeeper, [
          '--network',
          network,
          '--network-alias',
          `zk-${n}`,
          ...env({ ZOO_MY_ID: String(n), ZOO_SERVERS: servers, ZOO_CFG_EXTRA: extra }),
        ]),
      ),
    )
    const modes = await Promise.all(
      nodes.map(
        async (id) =>
          /Mode: (\w+)/.exec(
            await bench.until(
              id,
              () => srvr(id),
              (answer) => answer.includes('Mode: '),
            ),
          )?.[1],
      ),
    )
    expect(modes.filter((mode) => mode === 'leader')).toHaveLength(1)
    expect(modes.filter((mode) => mode === 'follower')).toHaveLength(2)
    expect(await bench.exec(nodes[0] ?? '', 'wget', '-qO-', 'http://localhost:7000/metrics')).toContain('election_time')
  })

  test('the toy image runs node and kcat', async () => {
    const { code, text } = await bench.runToEnd(toy, [], ['sh', '-c', 'node -p 6*7 && kcat -V'])
    expect(code, text).toBe(0)
    expect(text).toMatch(/^42\n/)
    expect(text).toContain('librdkafka')
  })
})
