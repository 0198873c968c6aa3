// `devcluster open SERVICE`: prints the address of its web page, and opens it when a person sits at the terminal.
import { spawn } from 'node:child_process'
import { DevclusterError } from '../../errors.ts'
import { connectCluster } from '../../index.ts'
import type { Run } from '../command.ts'
import { targetOf } from '../target.ts'

/** Only web addresses are handed to the desktop: any other scheme could start a program. */
function isPage(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol)
}

export const run: Run = async (call) => {
  const [name = ''] = call.args
  const cluster = await connectCluster(await targetOf(call))
  const service =
    cluster.services.find((candidate) => candidate.name === name)?.name ??
    cluster.targets(name).map((id) => cluster.node(id).service)[0] ??
    name
  const endpoints = cluster.endpoints[service] ?? {}
  const page = Object.values(endpoints).find(isPage)
  if (page === undefined) {
    const known = Object.values(endpoints).join(', ')
    throw new DevclusterError('USAGE', `${service} has no web page`, {
      hint: known === '' ? 'devcluster env prints how services are reached' : `it is reached at ${known}`,
    })
  }
  await call.io.out(call.flags.on('json') ? `${JSON.stringify({ v: 1, service, url: page })}\n` : `${page}\n`)
  if (call.io.outIsTerminal && !call.io.env['CI'] && !call.flags.on('json')) await openInBrowser(page, call.io.note)
  return 0
}

function openInBrowser(page: string, note: (line: string) => void): Promise<void> {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  return new Promise((resolve) => {
    const child = spawn(program, [page], { stdio: 'ignore', detached: true })
    child.once('error', () => {
      note(`${program} is not here: open it yourself`)
      resolve()
    })
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
