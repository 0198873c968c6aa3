// The docker runtime: nodes as containers of an engine that speaks the Docker API (Docker, Colima, Rancher Desktop, Podman's socket).
// Assembles the parts of this folder into a Runtime; each part is a file named after what it does.

import { DevclusterError } from '../../errors.ts'
import type { Runtime, RuntimeInfo } from '../../model/runtime.ts'
import { VERSION } from '../../version.ts'
import type { EngineVersion } from './api.ts'
import { createConnector } from './connect.ts'
import { type DockerContext, explain } from './context.ts'
import { destroy } from './destroy.ts'
import { describeEndpoint, isRemote, type Surroundings, surroundings } from './endpoint.ts'
import { exec } from './exec.ts'
import { exits } from './exits.ts'
import { fetch } from './fetch.ts'
import { logs } from './logs.ts'
import { list, observe } from './observe.ts'
import { place } from './place.ts'
import { start } from './start.ts'
import { stats } from './stats.ts'
import { remove, setFrozen, stop } from './stop.ts'
import { createStops } from './stops.ts'
import { type OwnMachine, ownMachine } from './vantage.ts'

export interface DockerRuntimeOptions {
  /** devcluster's own version, written to labels; default: this package's. */
  readonly version?: string
  /** Environment, home and uid that name the engine; default: this process's, read at each connection. */
  readonly surroundings?: () => Surroundings
  /** Whether we run in a container, and our addresses; default: looked at. */
  readonly machine?: () => OwnMachine
}

/** `Docker Engine 28.1.0 (linux/amd64)`; Docker Desktop names itself with a version of its own: `Docker Desktop 4.39.0 (184744)`. */
export function describeEngine(version: EngineVersion): string {
  return `${version.Platform?.Name?.split(' - ')[0] || 'Docker Engine'} ${version.Version} (${version.Os}/${version.Arch})`
}

/** Makes the runtime. Nothing is contacted before its first method is called. */
export function createDockerRuntime(options: DockerRuntimeOptions = {}): Runtime {
  const context: DockerContext = {
    connect: createConnector(options.surroundings ?? surroundings),
    version: options.version ?? VERSION,
    machine: options.machine ?? ownMachine,
    stops: createStops(),
    once: new Map(),
    limitsRefused: false,
  }
  return {
    name: 'docker',
    via: 'container',
    async check(signal): Promise<RuntimeInfo> {
      const { engine, podman } = await context.connect(signal)
      const info = { name: 'docker', remote: isRemote(engine.endpoint) } as const
      // Podman runs nothing but Linux containers, and has said its version with the first answer.
      if (podman !== undefined) return { ...info, description: `Podman ${podman} (linux) at ${describeEndpoint(engine.endpoint)}` }
      const version = await engine.get<EngineVersion>('/version', { signal })
      if (version.Os !== 'linux') {
        throw new DevclusterError(
          'RUNTIME_UNAVAILABLE',
          `the container engine at ${describeEndpoint(engine.endpoint)} runs ${version.Os} containers, not Linux ones`,
          {
            hint: 'switch the engine to Linux containers, or use `runtime: process`',
          },
        )
      }
      return { ...info, description: `${describeEngine(version)} at ${describeEndpoint(engine.endpoint)}` }
    },
    async place(cluster, spec, shapes, known) {
      const connection = await context.connect()
      return await place(connection, {
        cluster,
        spec,
        shapes,
        observed: known.observed,
        previous: known.previous,
        machine: context.machine(),
      })
    },
    observe: (cluster) => observe(context, cluster),
    list: () => list(context),
    fetch: (cluster, nodes, pull, signal, onProgress) => fetch(context, cluster, nodes, pull, signal, onProgress),
    start: (cluster, node, signal) => start(context, cluster, node, signal),
    stop: (cluster, node, how) => stop(context, cluster, node, how),
    freeze: (cluster, node) => setFrozen(context, cluster, node.id, true),
    thaw: (cluster, node) => setFrozen(context, cluster, node.id, false),
    remove: (cluster, nodeId, how) => remove(context, cluster, nodeId, how),
    exec: (cluster, node, argv, how) => exec(context, cluster, node, argv, how),
    logs: (cluster, nodeId, how) => logs(context, cluster, nodeId, how),
    stats: (cluster, nodeId) => stats(context, cluster, nodeId),
    exits: (cluster, signal) => exits(context, cluster, signal),
    async destroy(cluster, how) {
      try {
        return await destroy(context, cluster, how)
      } catch (error) {
        throw explain(error, `cluster ${cluster.id}`, 'remove')
      }
    },
  }
}
