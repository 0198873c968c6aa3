// What a list of containers says about nodes, without a look at each of them. Pure.
import type { ObservedNode } from '../../model/runtime.ts'
import type { ContainerSummary } from './api.ts'
import { LABEL, parsePorts } from './labels.ts'

function stateOf(container: ContainerSummary): ObservedNode['state'] {
  if (container.State === 'running' || container.State === 'restarting') return 'running'
  return container.State === 'paused' ? 'frozen' : 'stopped'
}

/** The node that a container of a list is; undefined for one that is no node, or on its way out. */
export function nodeOf(container: ContainerSummary): ObservedNode | undefined {
  const labels = container.Labels ?? {}
  const id = labels[LABEL.node]
  // A container on its way out is already gone for every purpose of ours.
  if (id === undefined || container.State === 'removing') return undefined
  return {
    id,
    service: labels[LABEL.service] ?? '',
    state: stateOf(container),
    fingerprint: labels[LABEL.fingerprint] ?? '',
    hostPorts: parsePorts(labels[LABEL.ports]),
    handle: `container ${container.Id.slice(0, 12)}`,
    standIn: labels[LABEL.standIn] === 'true',
  }
}
