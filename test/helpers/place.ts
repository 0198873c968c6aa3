// A fixed placement for golden files: container ports and names as in containers, ports from 20000 as processes. No reservation, no effects.
import type { NodeSpec, Via } from '../../src/model/node.ts'
import type { NodePlace, Placement, PortPlace } from '../../src/model/placement.ts'
import type { ServiceDefinition } from '../../src/model/service.ts'
import type { NodeShape } from '../../src/model/shape.ts'
import type { ClusterSpec, ServiceSpec } from '../../src/model/spec.ts'
import { renderAll } from '../../src/render/render.ts'

const HOST = '127.0.0.1'

/** Places every port of every shape, in order. */
export function fixedPlacement(shapes: readonly NodeShape[], via: Via): Placement {
  let next = 20_000
  const place = (shape: NodeShape): NodePlace => {
    const ports: Record<string, PortPlace> = {}
    for (const [name, port] of Object.entries(shape.ports)) {
      const host = { host: HOST, port: port.wanted ?? next++ }
      ports[name] =
        via === 'process'
          ? { listen: host, peer: host, ...(port.published ? { host } : {}) }
          : {
              listen: { host: '0.0.0.0', port: port.container },
              peer: { host: shape.id, port: port.container },
              ...(port.published ? { host } : {}),
            }
    }
    const dirs =
      via === 'process'
        ? { config: `/state/nodes/${shape.id}/config`, data: `/state/data/${shape.id}`, logs: `/state/logs/${shape.id}` }
        : { config: '/etc/devcluster', data: shape.containerData ?? '/data', logs: '/logs' }
    return { ports, dirs }
  }
  return Object.fromEntries(shapes.map((shape) => [shape.id, place(shape)]))
}

/** A cluster of raw options by service name (the kind is the name), through schema, shape, placement and render. */
export function renderFixed(
  services: Readonly<Record<string, object>>,
  definitions: readonly ServiceDefinition[],
  via: Via,
): { readonly cluster: ClusterSpec; readonly nodes: readonly NodeSpec[] } {
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]))
  const specs = Object.entries(services).map(([name, raw]): ServiceSpec => {
    const definition = byKind.get(name)
    if (!definition) throw new Error(`no definition of ${name}`)
    return { name, kind: name, options: definition.schema.parse(raw), needs: [], env: {}, resources: {}, volumes: [], implied: false }
  })
  const cluster: ClusterSpec = {
    id: 'shop-0123abcd',
    name: 'shop',
    files: [],
    runtime: 'auto',
    bind: HOST,
    bindIsExplicit: false,
    mirrors: {},
    services: specs,
  }
  const shapes = specs.flatMap((service) => byKind.get(service.kind)?.shape(service, cluster) ?? [])
  return { cluster, nodes: renderAll(cluster, shapes, fixedPlacement(shapes, via), via, byKind) }
}

/** One node as text a person can review: launch, environment, then each file. Pinned hashes and binary contents only by size. */
export function describeNode(node: NodeSpec): string {
  const { launch } = node
  const lines = [
    `# ${node.id} (${node.role} ${node.index}), stop rank ${node.shape.stopRank}`,
    `identity ${JSON.stringify(node.identity)}`,
    `facts ${JSON.stringify(node.facts)}`,
  ]
  if (launch.via === 'container') lines.push(`image ${launch.image}`, `entrypoint ${JSON.stringify(launch.entrypoint ?? null)}`)
  else {
    const { distribution, program } = launch
    lines.push(`distribution ${distribution.id}`)
    if (program.type === 'java')
      lines.push(
        `java ${program.minVersion}+`,
        ...program.jvmArgs.map((arg) => `  ${arg}`),
        program.mainClass,
        ...program.args.map((arg) => `  ${arg}`),
      )
  }
  for (const [name, value] of Object.entries(node.env)) lines.push(`env ${name}=${value}`)
  for (const file of node.files) {
    lines.push('', `--- ${file.dir}/${file.path}${file.mode === undefined ? '' : ` (${file.mode.toString(8)})`}`)
    lines.push(typeof file.content === 'string' ? file.content.trimEnd() : `${Buffer.from(file.content.base64, 'base64').length} bytes`)
  }
  return `${lines.join('\n')}\n`
}
