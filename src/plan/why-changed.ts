// Says in a few words what differs between two specs of one node. Pure; text for people, not for decisions.
import type { NodeSpec } from '../model/node.ts'

/** `log.retention.hours 1 -> 2`, `image a -> b`, `its environment changed (FOO)`. */
export function whyChanged(before: NodeSpec | undefined, after: NodeSpec): string {
  if (!before) return 'it was started from another file'
  const reasons: string[] = []
  if (before.launch.via === 'container' && after.launch.via === 'container' && before.launch.image !== after.launch.image) {
    reasons.push(`image ${before.launch.image} -> ${after.launch.image}`)
  }
  if (before.launch.via === 'process' && after.launch.via === 'process' && before.launch.distribution.id !== after.launch.distribution.id) {
    reasons.push(`${before.launch.distribution.id} -> ${after.launch.distribution.id}`)
  }
  const old = new Map(before.explain.map((entry) => [entry.setting, entry.value]))
  const now = new Map(after.explain.map((entry) => [entry.setting, entry.value]))
  for (const [setting, value] of now)
    if (old.get(setting) !== value) reasons.push(`${setting} ${old.get(setting) ?? '(unset)'} -> ${value}`)
  for (const setting of old.keys()) if (!now.has(setting)) reasons.push(`${setting} is no longer set`)
  const env = [...new Set([...Object.keys(before.env), ...Object.keys(after.env)])].filter((name) => before.env[name] !== after.env[name])
  if (env.length > 0) reasons.push(`environment changed (${env.join(', ')})`)
  if (reasons.length === 0 && JSON.stringify(before.resources) !== JSON.stringify(after.resources)) reasons.push('its limits changed')
  if (reasons.length === 0 && JSON.stringify(before.place) !== JSON.stringify(after.place)) reasons.push('its address changed')
  if (reasons.length === 0) reasons.push('its files or command line changed')
  return reasons.length > 4 ? `${reasons.slice(0, 4).join(', ')} and ${reasons.length - 4} more` : reasons.join(', ')
}
