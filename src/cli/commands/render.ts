// `devcluster render DIR`: every file and command that `up` would use, one folder per node. Starts nothing.
import { readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import { formatPlan, type NodeSpec, planCluster } from '../../index.ts'
import { makeDir } from '../../util/fs.ts'
import type { Run } from '../command.ts'
import { show } from '../json.ts'
import { loadOptionsOf, sourceOf } from '../target.ts'

export const run: Run = async (call) => {
  const [folder = ''] = call.args
  const dir = resolve(call.io.cwd, folder)
  const existing = await readdir(dir).catch(() => [])
  if (existing.length > 0 && !call.flags.on('force'))
    throw new DevclusterError('USAGE', `${dir} is not empty`, { hint: 'name another folder, or add --force' })
  const planned = await planCluster(sourceOf(call), { ...loadOptionsOf(call), signal: call.signal })
  for (const warning of planned.warnings) call.io.note(warning)
  const written = [await put(dir, 'plan.txt', `${formatPlan(planned.plan, { all: true })}\n`)]
  for (const node of planned.nodes) written.push(...(await writeNode(dir, node)))
  await show(call, { v: 1, cluster: planned.spec.id, runtime: planned.runtime, files: written }, () => written.join('\n'))
  return 0
}

async function writeNode(dir: string, node: NodeSpec): Promise<string[]> {
  const launch = {
    node: node.id,
    role: node.role,
    ...node.launch,
    env: node.env,
    stop: node.stop,
    resources: node.resources,
    volumes: node.volumes,
    place: node.place,
  }
  const written = [await put(dir, join(node.id, 'launch.json'), `${JSON.stringify(launch, null, 2)}\n`)]
  for (const file of node.files) {
    const content = typeof file.content === 'string' ? file.content : Buffer.from(file.content.base64, 'base64')
    written.push(await put(dir, join(node.id, file.dir, file.path), content, file.mode))
  }
  return written
}

/** @returns the path below the folder */
async function put(dir: string, path: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
  const target = join(dir, path)
  try {
    await makeDir(dirname(target), 0o777)
    await writeFile(target, content, { mode })
  } catch (error) {
    throw new DevclusterError('USAGE', `${target} cannot be written`, { cause: error, hint: 'name a folder that can be written' })
  }
  return path
}
