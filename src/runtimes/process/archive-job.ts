// The program that makes start-up archives: runs a node's main class once in a private folder on random loopback ports, ends it by SIGTERM when it is
// up, and puts the archive in place by rename. Lowest priority, one per cache, no part of the cluster. An entry of its own; ended with its cluster.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { tryLock } from '../../util/lock.ts'
import { removeScratch, SCRATCH } from './archive.ts'
import { asObject, listOf, textOf } from './json.ts'

export interface ArchiveTask {
  readonly path: string
  readonly java: string
  /** Everything behind the arguments that make the archive. */
  readonly args: readonly string[]
  /** `{archive}` stands for the file. */
  readonly make: readonly string[]
  readonly files: readonly { readonly path: string; readonly content: string | { readonly base64: string } }[]
  readonly readyLog: string
}

/** A niced start beside a busy cluster may take long; a hung one must not stay, ms. */
const READY_MS = 120_000
const EXIT_MS = 120_000

function parseTask(value: unknown): ArchiveTask[] {
  const json = asObject(value)
  const path = textOf(json, 'path')
  const java = textOf(json, 'java')
  const readyLog = textOf(json, 'readyLog')
  if (path === undefined || java === undefined || readyLog === undefined) return []
  const files = (Array.isArray(json?.['files']) ? json['files'] : []).flatMap((entry: unknown): ArchiveTask['files'][number][] => {
    const file = asObject(entry)
    const name = textOf(file, 'path')
    const content = textOf(file, 'content')
    const base64 = textOf(asObject(file?.['content']), 'base64')
    if (name === undefined || name.includes('..')) return []
    return content !== undefined ? [{ path: name, content }] : base64 !== undefined ? [{ path: name, content: { base64 } }] : []
  })
  return [{ path, java, readyLog, args: listOf(json?.['args']), make: listOf(json?.['make']), files }]
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    // Port 0: the kernel's ephemeral range, where no cluster's ports are.
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

async function make(task: ArchiveTask, scratch: string): Promise<void> {
  const work = join(scratch, 'run')
  mkdirSync(work)
  const [port1, port2] = await Promise.all([freePort(), freePort()])
  const fill = (text: string) => text.replaceAll('{dir}', work).replaceAll('{port1}', String(port1)).replaceAll('{port2}', String(port2))
  for (const file of task.files) {
    const path = join(work, fill(file.path))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof file.content === 'string' ? fill(file.content) : Buffer.from(file.content.base64, 'base64'))
  }
  const made = join(scratch, 'archive')
  const args = [...task.make.map((arg) => arg.replaceAll('{archive}', made)), ...task.args.map(fill)]
  const child = spawn(task.java, args, { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  let hard = setTimeout(() => child.kill('SIGKILL'), READY_MS)
  let output = ''
  let ready = false
  const watch = (chunk: Buffer) => {
    if (ready) return
    output = (output + String(chunk)).slice(-64_000)
    if (!output.includes(task.readyLog)) return
    ready = true
    clearTimeout(hard)
    hard = setTimeout(() => child.kill('SIGKILL'), EXIT_MS)
    child.kill('SIGTERM')
  }
  child.stdout.on('data', watch)
  child.stderr.on('data', watch)
  await ended
  clearTimeout(hard)
  // Written at the very end of an orderly exit: what a killed JVM left is no archive, and a truncated one crashes its user.
  const whole = ready && child.signalCode !== 'SIGKILL' && (statSync(made, { throwIfNoEntry: false })?.size ?? 0) > 0
  if (whole) renameSync(made, task.path)
  else writeFileSync(`${task.path}.failed.log`, output)
}

const order = asObject(JSON.parse(process.argv[2] ?? '{}'))
const dir = textOf(order, 'dir')
const tasks = (Array.isArray(order?.['tasks']) ? order['tasks'] : []).flatMap(parseTask)

async function main(folder: string): Promise<void> {
  setPriority(19)
  mkdirSync(folder, { recursive: true })
  const attempt = await tryLock(join(folder, '.lock'))
  // Another cluster's job makes them, or will be asked again next time.
  if ('holder' in attempt) return
  try {
    removeScratch(folder)
    for (const task of tasks) {
      if ((statSync(task.path, { throwIfNoEntry: false })?.size ?? 0) > 0) continue
      const scratch = mkdtempSync(join(folder, SCRATCH))
      try {
        await make(task, scratch)
      } finally {
        rmSync(scratch, { recursive: true, force: true })
      }
    }
  } finally {
    await attempt.lock.release()
  }
}

if (dir !== undefined) await main(dir)
