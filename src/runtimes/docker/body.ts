// The body of a container's creation, from a node's spec. Pure: what is published where, mounted, limited and labelled.
import { DevclusterError } from '../../errors.ts'
import type { ContainerLaunch, NodeSpec } from '../../model/node.ts'
import { type Labels, networkName, volumeName } from './labels.ts'
import type { Limits } from './limits.ts'

export interface BodyFacts {
  readonly clusterId: string
  /** Reference the engine knows the image by. */
  readonly image: string
  /** Address of the engine's machine that ports are published on. */
  readonly bind: string
  readonly labels: Labels
  readonly podman: boolean
  readonly limits: Limits
}

/** How a node is launched in a container. @throws INTERNAL for a node rendered for processes. */
export function containerLaunch(node: NodeSpec): ContainerLaunch {
  if (node.launch.via !== 'container')
    throw new DevclusterError('INTERNAL', `${node.id} was rendered for another runtime`, { node: node.id })
  return node.launch
}

/** Published ports in the API's form: `9092/tcp` -> host address and port. */
export function portBindings(node: NodeSpec, bind: string): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of Object.values(node.place.ports)) {
    if (port.host) (bindings[`${port.listen.port}/tcp`] ??= []).push({ HostIp: bind, HostPort: String(port.host.port) })
  }
  return bindings
}

function ulimits({ openFiles, processes }: Limits): readonly { Name: string; Soft: number; Hard: number }[] {
  const named = { nofile: openFiles, nproc: processes }
  return Object.entries(named).flatMap(([Name, value]) => (value === undefined ? [] : [{ Name, Soft: value, Hard: value }]))
}

/** JSON for `POST /containers/create` (Docker Engine API, ContainerCreate). The environment is exactly the node's: nothing of the caller's. */
export function createBody(node: NodeSpec, facts: BodyFacts): Readonly<Record<string, unknown>> {
  const launch = containerLaunch(node)
  const network = networkName(facts.clusterId)
  const bindings = portBindings(node, facts.bind)
  const { memoryBytes, cpus } = node.resources
  const data = node.shape.containerData
  return {
    Image: facts.image,
    ...(launch.entrypoint ? { Entrypoint: launch.entrypoint } : {}),
    ...(launch.argv ? { Cmd: launch.argv } : {}),
    ...(launch.user ? { User: launch.user } : {}),
    Hostname: node.id,
    Env: Object.entries(node.env).map(([name, value]) => `${name}=${value}`),
    Labels: facts.labels,
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    StopSignal: node.stop.signal,
    StopTimeout: Math.ceil(node.stop.graceMs / 1000),
    // Readiness is asked from outside; an image's own health check would compete with the boot for the processor.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: network,
      PortBindings: bindings,
      RestartPolicy: { Name: 'no' },
      Init: false,
      Binds: node.volumes,
      ...(data === undefined ? {} : { Mounts: [{ Type: 'volume', Source: volumeName(facts.clusterId, node.id), Target: data }] }),
      // Equal limits for memory and memory+swap: a node over its limit dies instead of crawling.
      ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
      ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
      Ulimits: ulimits(facts.limits),
      LogConfig: { Type: 'json-file', Config: facts.podman ? {} : { 'max-size': '64m', 'max-file': '2' } },
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...new Set([node.id, node.service])] } } },
  }
}
