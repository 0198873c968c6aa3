// Node, disk, memory, ports, folders of this machine.
import { randomBytes } from 'node:crypto'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { makeDir } from '../../util/fs.ts'
import { cacheHome, stateHome } from '../../util/paths.ts'
import { isPortFree, PORT_RANGE } from '../../util/ports.ts'
import { formatBytes } from '../progress/words.ts'
import type { CheckContext, CheckResult } from './check.ts'

const NODE_MIN = [20, 19] as const
const DISK = { fail: 300e6, warn: 2e9 } as const
const MEMORY = { fail: 256e6, warn: 1e9 } as const
/** So many ports of the range are tried. */
const PORT_SAMPLE = 50

export function checkNode(version: string = process.versions.node): CheckResult {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  return {
    name: 'node',
    state: fits ? 'ok' : 'fail',
    text: `Node ${version}`,
    ...(fits ? {} : { hint: `install Node ${NODE_MIN.join('.')} or newer` }),
  }
}

/** The nearest folder that exists. */
async function statfsUpwards(path: string): Promise<Awaited<ReturnType<typeof statfs>>> {
  try {
    return await statfs(path)
  } catch (error) {
    if (dirname(path) === path) throw error
    return statfsUpwards(dirname(path))
  }
}

export async function checkDisk({ env }: CheckContext): Promise<CheckResult> {
  const home = stateHome(env)
  const { bavail, bsize } = await statfsUpwards(home)
  const free = Number(bavail) * Number(bsize)
  const state = free < DISK.fail ? 'fail' : free < DISK.warn ? 'warn' : 'ok'
  return {
    name: 'disk',
    state,
    text: `${formatBytes(free)} free for ${home}`,
    ...(state === 'ok' ? {} : { hint: 'free some space, or let DEVCLUSTER_HOME name a folder elsewhere' }),
  }
}

export function checkMemory(free: number = process.availableMemory?.() ?? freemem()): CheckResult {
  const state = free < MEMORY.fail ? 'fail' : free < MEMORY.warn ? 'warn' : 'ok'
  return {
    name: 'memory',
    state,
    text: `${formatBytes(free)} available`,
    ...(state === 'ok' ? {} : { hint: 'end other programs, or raise the memory of this machine or container' }),
  }
}

export async function checkPorts(): Promise<CheckResult> {
  const span = PORT_RANGE.last - PORT_RANGE.first + 1
  const sample = Array.from({ length: PORT_SAMPLE }, (_, i) => PORT_RANGE.first + Math.floor((i * span) / PORT_SAMPLE))
  const free = (await Promise.all(sample.map((port) => isPortFree(port)))).filter(Boolean).length
  const state = free === 0 ? 'fail' : free < PORT_SAMPLE / 2 ? 'warn' : 'ok'
  return {
    name: 'ports',
    state,
    text: `${Math.round((free / PORT_SAMPLE) * 100)} % of ${PORT_RANGE.first} to ${PORT_RANGE.last} free on 127.0.0.1`,
    ...(state === 'ok' ? {} : { hint: 'something holds many ports: ss -ltnp shows what' }),
  }
}

async function checkWritable(name: string, folder: string, variable: string): Promise<CheckResult> {
  const probe = join(folder, `.doctor-${randomBytes(4).toString('hex')}`)
  try {
    await makeDir(folder)
    await writeFile(probe, '')
    return { name, state: 'ok', text: `${folder} is writable` }
  } catch (error) {
    return { name, state: 'fail', text: messageOf(error), hint: `make ${folder} writable, or let ${variable} name a folder that is` }
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}

export const checkState = ({ env }: CheckContext): Promise<CheckResult> => checkWritable('state', stateHome(env), 'DEVCLUSTER_HOME')
export const checkCache = ({ env }: CheckContext): Promise<CheckResult> => checkWritable('cache', cacheHome(env), 'DEVCLUSTER_CACHE')
