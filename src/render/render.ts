// Shapes and placement -> complete node specs: calls each service's render, adds fingerprints, refuses drafts that no runtime could carry out.
// It decides nothing about content and touches no file.
import { isAbsolute, normalize } from 'node:path/posix'
import { DevclusterError } from '../errors.ts'
import type { NodeDraft, NodeSpec, RenderedFile, Via } from '../model/node.ts'
import type { Placement } from '../model/placement.ts'
import type { ServiceDefinition } from '../model/service.ts'
import type { NodeShape } from '../model/shape.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { fingerprint } from './fingerprint.ts'

/** Kind -> definition. */
export type Definitions = ReadonlyMap<string, ServiceDefinition>

function bad(node: string, what: string): DevclusterError {
  return new DevclusterError('INTERNAL', `${node}: ${what}`, {
    node,
    hint: 'This is a mistake in the service definition, not in your file: please report it.',
  })
}

function checkFile(node: string, file: RenderedFile): void {
  const clean = normalize(file.path)
  if (file.path === '' || clean !== file.path || isAbsolute(clean) || clean === '.' || clean === '..' || clean.startsWith('../')) {
    throw bad(node, `renders a file at ${JSON.stringify(file.path)}, which is not a plain relative path`)
  }
  if (file.mode !== undefined && (!Number.isInteger(file.mode) || file.mode < 0 || file.mode > 0o777))
    throw bad(node, `gives ${file.path} the mode ${file.mode}`)
}

function checkDraft(shape: NodeShape, draft: NodeDraft, via: Via): void {
  const id = shape.id
  if (draft.launch.via !== via) throw bad(id, `was rendered as ${draft.launch.via} where ${via} was asked for`)
  const seen = new Set<string>()
  for (const file of draft.files) {
    checkFile(id, file)
    const key = `${file.dir}/${file.path}`
    if (seen.has(key)) throw bad(id, `renders ${key} twice`)
    seen.add(key)
  }
  for (const [name, command] of Object.entries(draft.commands)) {
    if (command.via !== via) throw bad(id, `offers the command ${name} as ${command.via} where ${via} was asked for`)
  }
  for (const [name, value] of Object.entries(draft.env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name) || value.includes('\0'))
      throw bad(id, `sets an environment variable ${JSON.stringify(name)} that no system accepts`)
  }
  if (!(draft.stop.graceMs >= 0)) throw bad(id, `has a grace period of ${draft.stop.graceMs} ms`)
}

function checkShapes(shapes: readonly NodeShape[]): void {
  const ids = new Set<string>()
  for (const shape of shapes) {
    if (ids.has(shape.id)) throw bad(shape.id, 'two nodes have this id')
    ids.add(shape.id)
  }
  for (const shape of shapes) {
    for (const { node } of shape.after) if (!ids.has(node)) throw bad(shape.id, `waits for ${node}, which does not exist`)
  }
}

/**
 * Renders every node, in the order of `shapes`. Pure: same input, same output.
 * @throws DevclusterError INTERNAL when shapes or drafts contradict themselves.
 */
export function renderAll(
  spec: ClusterSpec,
  shapes: readonly NodeShape[],
  placement: Placement,
  via: Via,
  definitions: Definitions,
): NodeSpec[] {
  checkShapes(shapes)
  const services = new Map(spec.services.map((service) => [service.name, service]))
  return shapes.map((shape) => {
    const service = services.get(shape.service)
    const definition = definitions.get(shape.kind)
    const place = placement[shape.id]
    if (!service) throw bad(shape.id, `belongs to the service ${shape.service}, which does not exist`)
    if (!definition) throw bad(shape.id, `is of the kind ${shape.kind}, which nobody defines`)
    if (!place) throw bad(shape.id, 'has no place')
    for (const port of Object.keys(shape.ports)) if (!place.ports[port]) throw bad(shape.id, `has no address for its port ${port}`)
    const draft = definition.render(shape, { cluster: spec, service, shapes, placement, via })
    checkDraft(shape, draft, via)
    const node = { ...draft, id: shape.id, service: shape.service, kind: shape.kind, role: shape.role, index: shape.index, shape, place }
    return { ...node, fingerprint: fingerprint(node) }
  })
}
