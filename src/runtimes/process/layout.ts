// Where the files of one cluster lie below its state folder. Names only; reads and writes nothing.
import { join } from 'node:path'

export interface NodeFiles {
  /** Working folder of the process; crash files of a JVM land here. */
  readonly dir: string
  readonly record: string
  readonly exit: string
  /** Written before devcluster ends a node on purpose, so that its end is known to be expected. */
  readonly stopping: string
  readonly config: string
  readonly data: string
  /** The service's own log folder. */
  readonly logs: string
  /** Output of the process, append-only. */
  readonly output: string
  /** `<offset> <epoch ms>` lines: how long the output was at which time. */
  readonly times: string
}

export function nodeFiles(stateDir: string, node: string): NodeFiles {
  const dir = join(stateDir, 'nodes', node)
  return {
    dir,
    record: join(dir, 'record.json'),
    exit: join(dir, 'exit.json'),
    stopping: join(dir, 'stopping'),
    config: join(dir, 'config'),
    data: join(stateDir, 'data', node),
    logs: join(stateDir, 'logs', node),
    output: join(stateDir, 'logs', `${node}.log`),
    times: join(stateDir, 'logs', `.${node}.times`),
  }
}

export interface ClusterFiles {
  readonly nodes: string
  readonly data: string
  readonly logs: string
  readonly supervisor: string
  readonly supervisorLock: string
  readonly supervisorLog: string
  /** Node -> port name -> port: what this cluster claims, also before and after its nodes run. */
  readonly ports: string
}

export function clusterFiles(stateDir: string): ClusterFiles {
  return {
    nodes: join(stateDir, 'nodes'),
    data: join(stateDir, 'data'),
    logs: join(stateDir, 'logs'),
    supervisor: join(stateDir, 'supervisor.json'),
    supervisorLock: join(stateDir, 'supervisor.lock'),
    supervisorLog: join(stateDir, 'logs', '.supervisor.log'),
    ports: join(stateDir, 'ports.json'),
  }
}
