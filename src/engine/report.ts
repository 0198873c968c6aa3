// Writes the folder that explains a failed up: report.json, report.txt, plan, rendered files and every node's log. Secrets are masked.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DevclusterError } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import type { Plan } from '../model/plan.ts'
import type { ClusterRef, Observed, Runtime } from '../model/runtime.ts'
import { formatPlan } from '../plan/format.ts'
import { makeDir } from '../util/fs.ts'
import { tailOf } from './failure.ts'

const LOG_LINES = 5_000

/** Everything a report needs that is gone after the rollback. */
export interface ReportDraft {
  readonly logs: Readonly<Record<string, readonly string[]>>
  readonly observed: Observed | undefined
}

export async function draftReport(runtime: Runtime, ref: ClusterRef, nodes: readonly NodeSpec[]): Promise<ReportDraft> {
  const observed = await runtime.observe(ref).catch(() => undefined)
  const logs = await Promise.all(nodes.map(async (node) => [node.id, await tailOf(runtime, ref, node.id, LOG_LINES)] as const))
  return { logs: Object.fromEntries(logs.filter(([, lines]) => lines.length > 0)), observed }
}

export interface ReportInput {
  readonly ref: ClusterRef
  readonly runtime: string
  /** Folder of the cluster file: when it is gone, nobody will read this any more. */
  readonly dir: string | undefined
  readonly error: DevclusterError
  readonly plan: Plan
  readonly nodes: readonly NodeSpec[]
  readonly draft: ReportDraft
  /** Values that must not appear. */
  readonly secrets: readonly string[]
}

/** @returns the folder, or undefined when it could not be written (a full disk must not hide the first failure). */
export async function writeReport(input: ReportInput): Promise<string | undefined> {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const dir = join(input.ref.stateDir, 'reports', stamp)
  const mask = (text: string) =>
    input.secrets.reduce((masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, '********')), text)
  const put = (path: string, text: string) => writeFile(join(dir, path), mask(text), { mode: 0o600 })
  try {
    await makeDir(join(dir, 'logs'))
    await makeDir(join(dir, 'files'))
    const { error } = input
    await put(
      'report.json',
      `${JSON.stringify({ v: 1, at: new Date().toISOString(), cluster: input.ref.id, dir: input.dir, runtime: input.runtime, code: error.code, message: error.message, hint: error.hint, node: error.node, ...error.data, observed: input.draft.observed }, null, 2)}\n`,
    )
    await put('plan.txt', `${formatPlan(input.plan, { all: true })}\n`)
    for (const [node, lines] of Object.entries(input.draft.logs)) await put(join('logs', `${node}.log`), `${lines.join('\n')}\n`)
    for (const node of input.nodes) {
      await put(
        join('files', `${node.id}.launch.json`),
        `${JSON.stringify({ launch: node.launch, env: node.env, place: node.place, resources: node.resources }, null, 2)}\n`,
      )
      for (const file of node.files) {
        if (typeof file.content === 'string') await put(join('files', `${node.id}.${file.path.replaceAll('/', '_')}`), file.content)
      }
    }
    return dir
  } catch {
    return undefined
  }
}
