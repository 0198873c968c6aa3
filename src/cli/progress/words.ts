// Events in words: amounts, durations, warnings. Pure.
import type { ClusterEvent } from '../../model/event.ts'
import { grouped } from '../../util/grouped.ts'
import type { Paint } from '../io.ts'

/** `840 ms`, `4.2 s`, `2 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `34.1 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** `12.0 of 35.2 MB (34 %)`, `4,000 records`. */
export function formatProgress(progress: NonNullable<ClusterEvent['progress']>): string {
  const { done, total, unit } = progress
  const text = (amount: number) => (unit === 'bytes' ? formatBytes(amount) : grouped(amount))
  const name = unit === 'bytes' ? '' : ` ${unit}`
  if (total === undefined || total === 0) return `${text(done)}${name}`
  return `${text(done)} of ${text(total)}${name} (${Math.floor((done / total) * 100)} %)`
}

/** `jars: 12.0 MB of 35.2 MB (34 %)`, or only what there is of it; amounts that the message has already are not said twice. */
export function progressText(event: ClusterEvent): string {
  const { message = '', progress } = event
  if (!progress) return message
  if (message.includes(grouped(progress.done))) return message
  return message === '' ? formatProgress(progress) : `${message}: ${formatProgress(progress)}`
}

export function warningLine(event: ClusterEvent, paint: Paint): string {
  return `${paint.yellow('warning')}${event.node ? ` ${event.node}` : ''}: ${event.message ?? ''}`
}
