// The process runtime: nodes are plain processes of this machine, children of one supervisor per cluster. Only puts the parts together.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import type { Runtime } from '../../model/runtime.ts'
import { mapLimit } from '../../util/async.ts'
import { cacheHome, stateHome } from '../../util/paths.ts'
import { destroyCluster } from './destroy.ts'
import { ensureDistribution, type FetchContext } from './distribution.ts'
import { execTool } from './exec.ts'
import { nodeExits } from './exits.ts'
import { searchJava } from './java.ts'
import { ensureJava } from './java-fetch.ts'
import { nodeFiles } from './layout.ts'
import { nodeLogs } from './logs.ts'
import { lazyMarks, list, liveRecord, notices, observe } from './observe.ts'
import { place } from './place.ts'
import { usageOfGroup } from './processes.ts'
import { type StartContext, startNode } from './start.ts'
import { freezeNode, removeNode, stopNode, thawNode } from './stop.ts'
import { createSupervisors } from './supervisor-client.ts'
import { warm } from './warm.ts'

export interface ProcessRuntimeOptions {
  /** Environment that is read (PATH, HOME, proxies, DEVCLUSTER_*); default: the process's own, at each call. */
  readonly env?: NodeJS.ProcessEnv
}

const never = new AbortController().signal

/** Nodes as processes. Holds one connection per cluster to its supervisor and no other state. */
export function createProcessRuntime(options: ProcessRuntimeOptions = {}): Runtime {
  const env = () => options.env ?? process.env
  const supervisors = createSupervisors(env)
  const context = (): StartContext => ({ env: env(), cache: cacheHome(env()), supervisors })
  return {
    name: 'process',
    via: 'process',
    check: async (signal) => {
      if (process.platform === 'win32') {
        throw new DevclusterError('RUNTIME_UNAVAILABLE', 'processes are not supported on Windows itself', {
          hint: 'run devcluster inside WSL2',
        })
      }
      const search = await searchJava({ minVersion: 17, env: env(), cache: cacheHome(env()), signal })
      const java = 'java' in search ? `Java ${search.java.version}` : 'no Java yet'
      return { name: 'process', description: `processes on ${process.platform}/${process.arch}, ${java}`, remote: false }
    },
    place: (cluster, _spec, shapes, known) => place(cluster, shapes, known),
    anticipate: (cluster) => supervisors.prepare(cluster),
    observe: async (cluster) => observe(cluster),
    list: async () => list(join(stateHome(env()), 'clusters')),
    fetch: async (_cluster, nodes, _options, signal, onProgress) => {
      const fetching: FetchContext = { env: env(), cache: cacheHome(env()), signal, onProgress }
      const launches = nodes.flatMap(({ launch }) => (launch.via === 'process' ? [launch] : []))
      const versions = launches.flatMap(({ program }) => (program.type === 'java' ? [program.minVersion] : []))
      if (versions.length > 0) await ensureJava({ ...fetching, minVersion: Math.max(...versions) })
      const distributions = new Map(launches.map(({ distribution }) => [distribution.id, distribution]))
      await mapLimit([...distributions.values()], 1, (distribution) => ensureDistribution(distribution, fetching))
    },
    start: (cluster, node, signal) => startNode(cluster, node, context(), signal),
    stop: (cluster, node, how) => stopNode(cluster, node.id, { ...how, signal: node.stop.signal }),
    freeze: (cluster, node) => freezeNode(cluster, node.id),
    thaw: (cluster, node) => thawNode(cluster, node.id),
    remove: (cluster, nodeId, { keepData }) => removeNode(cluster, nodeId, keepData),
    exec: (cluster, node, argv, execOptions) =>
      execTool(cluster, node, argv, execOptions, { ...context(), signal: execOptions.signal ?? never, onProgress: () => undefined }),
    logs: (cluster, nodeId, logOptions) => nodeLogs(nodeId, nodeFiles(cluster.stateDir, nodeId), logOptions),
    stats: async (cluster, nodeId) => {
      const live = liveRecord(nodeFiles(cluster.stateDir, nodeId), nodeId, lazyMarks(cluster.id))
      if (!live?.alive || live.record.pid === undefined)
        throw new DevclusterError('NODE_NOT_FOUND', `${nodeId} does not run`, { node: nodeId, hint: 'start it first: devcluster up' })
      return { node: nodeId, ...usageOfGroup(live.record.pid) }
    },
    exits: (cluster, signal) => nodeExits(cluster, supervisors, signal),
    destroy: async (cluster, { keepData }) => ({ removed: await destroyCluster(cluster, { keepData }, supervisors, cacheHome(env())) }),
    notices: async (cluster) => notices(cluster),
    warm: async (cluster, nodes) => {
      if (existsSync(cluster.stateDir)) await warm(cluster, nodes, context())
    },
  }
}
