// For authors of services: the contract, and the small parts every service needs. Re-exports only.

export type { NodeDraft, NodeSpec, RenderedFile } from './model/node.ts'
export { formatAddress } from './model/placement.ts'
export type { Probe, Verdict } from './model/probe.ts'
export {
  defineService,
  type Endpoint,
  type Finding,
  hostAddress,
  type RenderContext,
  type ServiceContext,
  type ServiceDefinition,
} from './model/service.ts'
export type { NodeShape } from './model/shape.ts'
export { formatProperties } from './render/formats/properties.ts'
