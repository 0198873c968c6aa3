// The container engine of the docker suites: asked once, skipped loudly when it does not answer, demanded with DEVCLUSTER_REQUIRE_DOCKER=1.
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeSpec } from '../../src/model/node.ts'
import type { Placement } from '../../src/model/placement.ts'
import type { ClusterRef } from '../../src/model/runtime.ts'
import type { NodeShape } from '../../src/model/shape.ts'
import type { ClusterSpec } from '../../src/model/spec.ts'
import { type Connection, connect } from '../../src/runtimes/docker/connect.ts'
import { surroundings } from '../../src/runtimes/docker/endpoint.ts'
import { canMakeToyImage } from './toy-image.ts'

/** The engine, or undefined where the suite is to be skipped. @throws when it is required and absent. */
export async function engineForTests(): Promise<Connection | undefined> {
  try {
    if (!canMakeToyImage()) throw new Error('the toy image is made from a Linux machine’s own programs')
    return await connect(surroundings(), AbortSignal.timeout(10_000))
  } catch (error) {
    if (process.env['DEVCLUSTER_REQUIRE_DOCKER'] === '1') throw error
    process.stderr.write(`\n*** docker suites SKIPPED: ${error instanceof Error ? error.message : String(error)}\n\n`)
    return undefined
  }
}

let serial = 0

/** A cluster of its own for one test, with a state folder that `dispose` removes. */
export function testCluster(over: Partial<ClusterRef> = {}): ClusterRef & { dispose(): Promise<void> } {
  const id = over.id ?? `t${process.pid}-${++serial}-${Date.now().toString(36)}`
  const home = mkdtempSync(join(tmpdir(), 'devcluster-docker-'))
  const stateDir = mkdtempSync(join(home, 'state-'))
  return { id, name: 'test', stateDir, bind: '127.0.0.1', mirrors: {}, ...over, dispose: () => rm(home, { recursive: true, force: true }) }
}

export function testSpec(cluster: ClusterRef, over: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    id: cluster.id,
    name: cluster.name,
    files: [],
    runtime: 'docker',
    bind: cluster.bind,
    bindIsExplicit: false,
    mirrors: cluster.mirrors,
    services: [],
    ...over,
  }
}

export function testShape(id: string, over: Partial<NodeShape> = {}): NodeShape {
  return {
    id,
    service: 'toy',
    kind: 'toy',
    role: 'member',
    index: 1,
    ports: { client: { container: 7000, published: true } },
    after: [],
    stopRank: 0,
    containerData: '/data',
    ...over,
  }
}

/** A node from its shape and place; `script` is what node runs in it. */
export function testNode(shape: NodeShape, placement: Placement, image: string, script: string, over: Partial<NodeSpec> = {}): NodeSpec {
  const place = placement[shape.id]
  if (!place) throw new Error(`${shape.id} has no place`)
  return {
    id: shape.id,
    service: shape.service,
    kind: shape.kind,
    role: shape.role,
    index: shape.index,
    shape,
    place,
    launch: { via: 'container', image, entrypoint: ['/bin/node', '-e', script] },
    env: { GREETING: 'hello' },
    files: [],
    stop: { signal: 'SIGTERM', graceMs: 5_000 },
    commands: {},
    explain: [],
    resources: {},
    volumes: [],
    identity: {},
    facts: {},
    fingerprint: 'f1',
    ...over,
  }
}
