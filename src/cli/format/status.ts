// A cluster's status as text. Pure.
import type { ClusterStatus, NodeStatus } from '../../lifecycle/status.ts'
import type { Paint } from '../io.ts'
import { columns } from './table.ts'

function coloured(state: string, paint: Paint): string {
  if (state === 'ready') return paint.green(state)
  return state === 'not ready' || state === 'paused' ? paint.yellow(state) : paint.red(state)
}

/** Why a node is what it is: its probe's answer, or how it ended. */
function reason(node: NodeStatus): string {
  if (node.why) return node.why
  const { exit } = node
  if (!exit || node.state === 'ready') return ''
  const at = `at ${new Date(exit.at).toISOString()}`
  // A clean end has an exit code too (143 of a JVM), which reads like a crash.
  if (exit.expected && exit.signal !== 'SIGKILL') return `stopped ${at}`
  const how = exit.outOfMemory ? 'by its memory limit' : exit.signal ? `by ${exit.signal}` : `with exit code ${exit.code ?? '?'}`
  return `${exit.expected ? 'stopped' : 'ended'} ${how} ${at}`
}

function nodeRow(node: NodeStatus, paint: Paint): string[] {
  const ports = Object.entries(node.ports)
  const addresses = ports.length === 1 ? (ports[0]?.[1] ?? '') : ports.map(([name, address]) => `${name} ${address}`).join(', ')
  return [
    `  ${node.id}`,
    coloured(node.state, paint),
    node.role,
    addresses,
    paint.dim([node.handle ?? '', node.standIn ? 'stand-in' : ''].filter(Boolean).join(', ')),
    reason(node),
  ]
}

export function formatStatus(status: ClusterStatus, paint: Paint): string {
  const head = `${paint.strong(status.name)} (${status.id}) on ${status.runtime}: ${status.ready ? paint.green('ready') : paint.red('not ready')}${status.persistent ? '' : ', ephemeral'}`
  const blocks = status.services.map((service) => {
    const nodes = status.nodes.filter((node) => node.service === service.name)
    const why = service.why && !nodes.some((node) => node.state !== 'ready') ? `: ${service.why}` : ''
    const title = `${paint.strong(service.name)}  ${service.description}  ${service.ready ? paint.green('ready') : `${paint.red('not ready')}${why}`}`
    return [title, columns(nodes.map((node) => nodeRow(node, paint)))].join('\n')
  })
  return [head, ...blocks].join('\n')
}
