import { describe, expect, test } from 'vitest'
import { renderFixed } from '../../../../test/helpers/place.ts'
import type { NodeSpec } from '../../../model/node.ts'
import { toolArguments } from '../../../model/tools.ts'
import zookeeper from '../../zookeeper/index.ts'
import kafka from '../index.ts'

function given(nodes: readonly NodeSpec[], id: string, [tool = '', ...args]: readonly string[]): readonly string[] {
  const command = nodes.find((node) => node.id === id)?.commands[tool]
  if (!command) throw new Error(`${id} has no ${tool}`)
  return toolArguments(command, args)
}

describe('tools of a node reach its brokers without being told', () => {
  const processes = renderFixed({ kafka: { brokers: 2 } }, [kafka, zookeeper], 'process').nodes
  const containers = renderFixed({ kafka: { brokers: 2 } }, [kafka, zookeeper], 'container').nodes
  const hostOf = (id: string) => `127.0.0.1:${processes.find((node) => node.id === id)?.place.ports['client']?.peer.port}`

  test('a process at its address on the host, its own broker first', () => {
    expect(given(processes, 'kafka-2', ['kafka-topics', '--list'])).toEqual([
      '--bootstrap-server',
      `${hostOf('kafka-2')},${hostOf('kafka-1')}`,
      '--list',
    ])
  })

  test('a container by the listener of the network, also from a controller', () => {
    expect(given(containers, 'kafka-2', ['kafka-topics.sh', '--list'])[1]).toBe('kafka-2:19092,kafka-1:19092')
    expect(given(containers, 'kafka-controller-1', ['kafka-metadata-quorum', 'describe', '--status'])).toEqual([
      '--bootstrap-server',
      'kafka-1:19092,kafka-2:19092',
      'describe',
      '--status',
    ])
  })

  test('each tool in its own words', () => {
    const address = `${hostOf('kafka-1')},${hostOf('kafka-2')}`
    expect(given(processes, 'kafka-1', ['kafka-cluster', 'cluster-id'])).toEqual(['cluster-id', '--bootstrap-server', address])
    expect(given(processes, 'kafka-1', ['kafka-producer-perf-test', '--topic', 'x']).slice(2)).toEqual([
      '--producer-props',
      `bootstrap.servers=${address}`,
    ])
    expect(given(processes, 'kafka-1', ['kafka-storage', 'random-uuid'])).toEqual(['random-uuid'])
    expect(given(processes, 'kafka-1', ['kafka-log-dirs', '--broker-list', '1'])[0]).toBe('--bootstrap-server')
    const own = ['--bootstrap-controller', 'x:1', '--describe']
    expect(given(processes, 'kafka-1', ['kafka-configs', ...own])).toEqual(own)
  })

  test('the ZooKeeper shell speaks to its own member', () => {
    const { nodes } = renderFixed({ zookeeper: {} }, [zookeeper], 'process')
    expect(given(nodes, 'zookeeper-1', ['zookeeper-shell', 'ls', '/'])).toEqual(['-server', '127.0.0.1:20000', 'ls', '/'])
  })
})
