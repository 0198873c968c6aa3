// Connection settings of applications from the services' endpoints: env names, typed endpoints, spring properties. Pure.
import type { NodeSpec } from '../model/node.ts'
import type { Endpoint, ServiceDefinition } from '../model/service.ts'
import type { ClusterSpec } from '../model/spec.ts'
import { serviceContext } from './step.ts'

export interface Environment {
  readonly host: Readonly<Record<string, string>>
  readonly container: Readonly<Record<string, string>>
  readonly spring: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/** `KAFKA_BOOTSTRAP_SERVERS` for endpoint BOOTSTRAP_SERVERS of service `kafka`; other characters become `_`. */
export function envName(service: string, endpoint: string): string {
  return `${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${endpoint}`
}

export function endpointsOf(
  spec: ClusterSpec,
  nodes: readonly NodeSpec[],
  definitions: ReadonlyMap<string, ServiceDefinition>,
): Record<string, readonly Endpoint[]> {
  const all: Record<string, readonly Endpoint[]> = {}
  for (const service of spec.services) {
    const definition = definitions.get(service.kind)
    if (definition) all[service.name] = definition.endpoints(serviceContext(spec, nodes, service.name))
  }
  return all
}

export function environmentOf(spec: ClusterSpec, endpoints: Readonly<Record<string, readonly Endpoint[]>>): Environment {
  const host: Record<string, string> = {}
  const container: Record<string, string> = {}
  const spring: Record<string, string> = {}
  const secrets: string[] = []
  for (const service of spec.services) {
    const soleOfItsKind = spec.services.filter((other) => other.kind === service.kind).length === 1
    for (const endpoint of endpoints[service.name] ?? []) {
      const name = envName(service.name, endpoint.name)
      host[name] = endpoint.host
      container[name] = endpoint.container ?? endpoint.host
      if (endpoint.secret) secrets.push(name)
      if (endpoint.spring && soleOfItsKind) spring[endpoint.spring] = endpoint.host
    }
  }
  return { host, container, spring, secrets }
}

/** `BOOTSTRAP_SERVERS` -> `bootstrapServers`. */
export function camelName(name: string): string {
  return name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
