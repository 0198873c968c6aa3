// What is left of a cluster by its marks alone: processes by environment, engine objects by label, its folder.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export function leftOf(id, { runtime, home }) {
  const found = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DEVCLUSTER_CLUSTER=${id}`)) continue
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z') found.push(`process ${pid}`)
    } catch {
      // gone
    }
  }
  const folder = join(home, 'clusters', id)
  if (existsSync(folder)) found.push(folder)
  if (runtime !== 'docker') return found
  const filter = ['--filter', `label=devcluster.cluster=${id}`]
  for (const list of [
    ['ps', '-aq'],
    ['network', 'ls', '-q'],
    ['volume', 'ls', '-q'],
  ]) {
    const ids = execFileSync('docker', [...list, ...filter], { encoding: 'utf8' }).split('\n')
    found.push(...ids.filter((line) => line !== '').map((line) => `${list[0]} ${line}`))
  }
  return found
}
