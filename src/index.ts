// Public API of devcluster: re-exports, nothing else.

export {
  connectCluster,
  defineCluster,
  destroyCluster,
  formatPlan,
  knownServices,
  listClusters,
  loadCluster,
  type PlannedCluster,
  planCluster,
  pullCluster,
  type StartReport,
  shapeCluster,
  startCluster,
  startReport,
} from './cluster.ts'
export { criticalPath, type StepTiming } from './engine/apply.ts'
export { DevclusterError, ERROR_CODES, type ErrorCode, EXIT_CODES, isDevclusterError } from './errors.ts'
export { formatError } from './format-error.ts'
export type { ClusterTarget } from './lifecycle/connect.ts'
export type { Cluster, NodeHandle } from './lifecycle/handle.ts'
export type { ListedCluster } from './lifecycle/list.ts'
export type { ClusterObject, ClusterSource, LoadOptions, PlanOptions, StartOptions } from './lifecycle/options.ts'
export type { ClusterStatus, NodeStatus } from './lifecycle/status.ts'
export type { ClusterEvent, Reporter } from './model/event.ts'
export type { Explained, NodeSpec } from './model/node.ts'
export type { Plan, Step } from './model/plan.ts'
export type { ExecOptions, ExecResult, LogLine, LogOptions, NodeExit, NodeStats } from './model/runtime.ts'
export type { ActionRequest, SeedSummary, ServiceDefinition } from './model/service.ts'
export type { ClusterSpec, ServiceSpec } from './model/spec.ts'
export { VERSION } from './version.ts'
