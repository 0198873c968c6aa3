// Turns a lost port into an error that names who holds it. Judges the engine's words; frees nothing.
import { DevclusterError } from '../../errors.ts'
import { portOwner } from '../../util/ports.ts'
import type { ContainerSummary } from './api.ts'
import type { Connection } from './connect.ts'
import { LABEL } from './labels.ts'

export interface LostPort {
  readonly node: string
  /** Port name: `client`. */
  readonly name: string
  readonly port: number
  readonly bind: string
  /** True when the engine's machine is this one, so that its processes can be looked at. */
  readonly local: boolean
}

/** The host port an engine's refusal to start speaks of; undefined when the refusal is about something else. */
export function portInRefusal(message: string): number | undefined {
  // Docker: "Bind for 127.0.0.1:20000 failed: port is already allocated", "listen tcp4 127.0.0.1:20000: bind: address already in use".
  // Podman: "rootlessport listen tcp 127.0.0.1:20000: bind: address already in use". Docker Desktop: "ports are not available: ... 127.0.0.1:20000".
  if (!/port is already allocated|address already in use|ports? (?:is|are) not available|failed to bind host port/i.test(message))
    return undefined
  // The last address is the one that failed: earlier ones may belong to the endpoint's description.
  const found = [...message.matchAll(/(?:[\d.]+|\[[0-9a-f:]*\]|::):(\d{1,5})\b/gi)]
    .map((match) => Number(match[1]))
    .filter((port) => port > 0)
  return found[0]
}

const nameOf = (container: ContainerSummary) => container.Names[0]?.replace(/^\//, '') ?? container.Id.slice(0, 12)

/** PORT_TAKEN, naming the container or the process that holds the port. */
export async function portTaken({ engine }: Connection, lost: LostPort): Promise<DevclusterError> {
  const containers = await engine.get<ContainerSummary[]>('/containers/json').catch((): ContainerSummary[] => [])
  const holder = containers.find((one) => one.Ports?.some((port) => port.PublicPort === lost.port))
  const owner = holder ? undefined : lost.local ? await portOwner(lost.port) : undefined
  const cluster = holder?.Labels?.[LABEL.cluster]
  const text = holder
    ? `a container (${nameOf(holder)}${cluster === undefined ? '' : ` of cluster ${cluster}`})`
    : (owner?.text ?? 'something else')
  return new DevclusterError('PORT_TAKEN', `port ${lost.port} for ${lost.node} (${lost.name}) is taken by ${text}`, {
    node: lost.node,
    hint: holder
      ? cluster === undefined
        ? `stop it (\`docker stop ${nameOf(holder)}\`), or give ${lost.node} another port in the cluster file`
        : `take that cluster down (\`devcluster down --id ${cluster}\`), or give ${lost.node} another port in the cluster file`
      : `end it, or give ${lost.node} another port in the cluster file`,
    data: {
      port: lost.port,
      bind: lost.bind,
      ...(holder ? { container: nameOf(holder) } : {}),
      ...(owner?.pid === undefined ? {} : { pid: owner.pid }),
      ...(owner?.command === undefined ? {} : { command: owner.command }),
    },
  })
}
