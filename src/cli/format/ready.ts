// What `up` ends with: how long it took, the endpoints, a command to copy. Pure.
import type { StoredCluster } from '../../engine/state.ts'
import type { Paint } from '../io.ts'
import { formatMs } from '../progress/words.ts'
import { columns } from './table.ts'

export interface ReadySummary {
  readonly stored: Pick<StoredCluster, 'name' | 'id' | 'env' | 'about' | 'secrets'>
  readonly ms: number
  readonly changed: boolean
  /** Nodes whose image stands in for the official one. */
  readonly standIns: readonly string[]
  /** Something is left out: only some services were asked for. */
  readonly partly: boolean
}

/** `command` makes of a service's suggestion what the reader can copy. */
export function formatReady(summary: ReadySummary, paint: Paint, command: (suggestion: string) => string): string {
  const { stored } = summary
  const state = summary.partly
    ? 'those services are ready'
    : summary.changed
      ? `${paint.green('ready')} in ${formatMs(summary.ms)}`
      : `${paint.green('ready')}, nothing to do (${formatMs(summary.ms)})`
  const lines = [`${paint.strong(stored.name)} (${stored.id}): ${state}`]
  const rows = Object.entries(stored.env.host).map(([name, value]) => [paint.cyan(name), value])
  if (rows.length > 0) lines.push(columns(rows, '  '))
  if (summary.standIns.length > 0) lines.push(`stand-in images: ${summary.standIns.join(', ')}`)
  const tries = Object.values(stored.about ?? {}).flatMap((service) => service.tryIt ?? [])
  if (tries[0] !== undefined) lines.push(`try: ${paint.strong(command(tries[0]))}`)
  return lines.join('\n')
}
