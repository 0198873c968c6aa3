// Starts a node: files, command line, then an order to the supervisor. Idempotent. Waits for no readiness.
import { randomBytes } from 'node:crypto'
import { DevclusterError } from '../../errors.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import { makeMemoryGroup, removeGroup } from './cgroup.ts'
import { commandLine } from './command-line.ts'
import { nodeEnv } from './environment.ts'
import { fsFailure } from './fs-failure.ts'
import { nodeFiles } from './layout.ts'
import { writeNodeFiles } from './node-files.ts'
import { lazyMarks, liveRecord } from './observe.ts'
import type { NodeRecord } from './record.ts'
import { stopNode } from './stop.ts'
import type { Supervisors } from './supervisor-client.ts'

export interface StartContext {
  readonly env: NodeJS.ProcessEnv
  readonly cache: string
  readonly supervisors: Supervisors
}

/** Port name -> port of a node. */
function portsOf(node: NodeSpec): Record<string, number> {
  return Object.fromEntries(Object.entries(node.place.ports).map(([name, port]) => [name, port.listen.port]))
}

/**
 * @throws DevclusterError START_FAILED, DISK_FULL, STATE_UNWRITABLE naming the node; those of its distribution and Java; the signal's reason.
 */
export async function startNode(cluster: ClusterRef, node: NodeSpec, context: StartContext, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { launch } = node
  if (launch.via !== 'process') throw new DevclusterError('RUNTIME_UNSUPPORTED', `${node.id} is to run as a container`, { node: node.id })
  const files = nodeFiles(cluster.stateDir, node.id)
  const live = liveRecord(files, node.id, lazyMarks(cluster.id))
  if (live?.alive) {
    if (live.record.fingerprint === node.fingerprint) return
    await stopNode(cluster, node.id, { style: 'graceful', graceMs: node.stop.graceMs, signal: node.stop.signal })
  }
  await writeNodeFiles(node, files)
  // Its start takes longer than all that follows here: begun now, asked later.
  const supervisor = context.supervisors.ensure(cluster)
  supervisor.catch(() => undefined)
  const command = await commandLine(launch.distribution, launch.program, { ...context, signal, onProgress: () => undefined })
  signal.throwIfAborted()
  await supervisor.catch((error: unknown) => {
    throw fsFailure(error, `the state of ${node.id}`, cluster.stateDir, node.id) ?? error
  })
  const ports = portsOf(node)
  const cgroup = node.resources.memoryBytes === undefined ? undefined : makeMemoryGroup(cluster.id, node.id, node.resources.memoryBytes)
  const record: NodeRecord = {
    cluster: cluster.id,
    node: node.id,
    service: node.service,
    fingerprint: node.fingerprint,
    run: randomBytes(6).toString('hex'),
    ports,
    command: [command.program, ...command.args].join(' ').slice(0, 4_000),
    ...(cgroup === undefined ? {} : { cgroup }),
  }
  const reply = await context.supervisors.ask(cluster, {
    do: 'start',
    start: { record, ...command, env: nodeEnv(context.env, cluster, node, ports) },
  })
  if (reply.ok) return
  // Asked twice at once, by two processes: the first one's node is as good.
  const now = liveRecord(files, node.id, lazyMarks(cluster.id))
  if (now?.alive && now.record.fingerprint === node.fingerprint) return
  if (cgroup !== undefined) removeGroup(cgroup)
  const coded = fsFailure(reply.errno === undefined ? undefined : { code: reply.errno }, `the record of ${node.id}`, files.dir, node.id)
  throw (
    coded ??
    new DevclusterError('START_FAILED', `${node.id} could not be started: ${reply.message}`, {
      node: node.id,
      hint: `the command was ${command.program}; see ${files.output}`,
    })
  )
}
