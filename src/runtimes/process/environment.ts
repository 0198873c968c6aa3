// The exact environment of a process that devcluster starts: a few harmless variables of the caller, what the node wants, and the marks.
// Never the caller's KAFKA_*, RABBITMQ_*, JAVA_*, JDK_JAVA_OPTIONS, CLASSPATH or NODE_OPTIONS.
import { dirname } from 'node:path'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef } from '../../model/runtime.ts'
import { MARK } from './processes.ts'

const KEPT = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'] as const

/** PATH, HOME, LANG, TZ, TMPDIR of the caller, where set. */
export function plainEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const name of KEPT) {
    const value = env[name]
    if (value !== undefined) plain[name] = value
  }
  return plain
}

/** Marks of any process of the cluster: it is found by them when every file is lost. */
export function clusterMarks(cluster: ClusterRef, role: 'supervisor' | 'job' | 'node' | 'tool'): Record<string, string> {
  return { [MARK.cluster]: cluster.id, [MARK.name]: cluster.name, [MARK.state]: cluster.stateDir, [MARK.role]: role }
}

/** The environment of a node. */
export function nodeEnv(
  env: NodeJS.ProcessEnv,
  cluster: ClusterRef,
  node: NodeSpec,
  ports: Readonly<Record<string, number>>,
): Record<string, string> {
  return {
    ...plainEnv(env),
    ...node.env,
    ...clusterMarks(cluster, 'node'),
    [MARK.node]: node.id,
    [MARK.service]: node.service,
    [MARK.fingerprint]: node.fingerprint,
    [MARK.ports]: JSON.stringify(ports),
  }
}

/** Folder that holds the state folders of all clusters. */
export function clustersHome(cluster: ClusterRef): string {
  return dirname(cluster.stateDir)
}
