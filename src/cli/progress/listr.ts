// Progress in a terminal: one live line per node and per long step. The engine leads and emits events; a task here only awaits them.
// The only file that loads listr2. Signals stay with main.ts.
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2'
import type { ClusterEvent } from '../../model/event.ts'
import type { Io } from '../io.ts'
import type { Progress } from './create.ts'
import { formatMs, progressText, warningLine } from './words.ts'

interface Row {
  title: string
  state: 'waiting' | 'done' | 'failed'
  beganAt: number | undefined
  paint: (() => void) | undefined
  readonly settle: () => void
  readonly settled: Promise<void>
}

/** Steps with a line of their own; the others show in their nodes' lines. */
const ownLine = (step: string) => /^(fetch|seed)\b/.test(step)

class Rows {
  readonly byName = new Map<string, Row>()

  add(name: string): void {
    if (this.byName.has(name)) return
    let settle = () => {}
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    this.byName.set(name, { title: name, state: 'waiting', beganAt: undefined, paint: undefined, settle, settled })
  }

  update(name: string, text: string): void {
    const row = this.byName.get(name)
    if (!row || row.state !== 'waiting') return
    row.beganAt ??= Date.now()
    row.title = `${name}  ${text}`
    row.paint?.()
  }

  settle(name: string, state: 'done' | 'failed', text: string): void {
    const row = this.byName.get(name)
    if (!row || row.state !== 'waiting') return
    const took = row.beganAt === undefined ? '' : `  ${formatMs(Date.now() - row.beganAt)}`
    row.title = `${name}  ${text}${took}`
    row.state = state
    row.settle()
  }
}

class UnfinishedError extends Error {}

/** listr2 asks whether stdout is a terminal; progress goes to stderr, which create.ts has looked at. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true
}

function begin(rows: Rows, io: Io): Promise<unknown> {
  const list = new Listr(
    [...rows.byName.values()].map((row) => ({
      title: row.title,
      task: async (_: unknown, task: { title?: string | undefined }) => {
        row.paint = () => {
          task.title = row.title
        }
        row.paint()
        await row.settled
        row.paint()
        if (row.state === 'failed') throw new UnfinishedError(row.title)
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      collectErrors: false,
      renderer: StderrRenderer,
      rendererOptions: {
        collapseErrors: false,
        showErrorMessage: false,
        formatOutput: 'truncate',
        logger: new ListrLogger({ useIcons: false, processOutput: new ProcessOutput(io.stderr, io.stderr, { leaveEmptyLine: false }) }),
      },
    },
  )
  return list.run().catch(() => undefined)
}

/** Names in the plan event, in its order. */
function namesOf(event: ClusterEvent): string[] {
  const of = (key: string) => {
    const list = event.data?.[key]
    return Array.isArray(list)
      ? list.flatMap((item: unknown) =>
          typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string' ? [item.id] : [],
        )
      : []
  }
  const steps = of('steps')
  const touched = of('nodes').filter((node) => steps.some((step) => step.endsWith(` ${node}`)))
  return [
    ...steps.filter((step) => step.startsWith('fetch')),
    ...touched,
    ...steps.filter((step) => ownLine(step) && !step.startsWith('fetch')),
  ]
}

export function listrProgress(io: Io): Progress {
  const rows = new Rows()
  const warnings: string[] = []
  let running: Promise<unknown> | undefined

  const onNode = (event: ClusterEvent) => {
    const name = event.node ?? ''
    if (event.state === 'ready') rows.settle(name, 'done', 'ready')
    else if (event.state === 'failed') rows.settle(name, 'failed', 'failed')
    else rows.update(name, event.state ?? '')
  }
  const onStep = (event: ClusterEvent) => {
    const id = event.step ?? ''
    const name = ownLine(id) ? id : (event.node ?? id.replace(/^wait /, ''))
    if (event.state === 'progress') rows.update(name, progressText(event))
    else if (event.state === 'started') rows.update(name, event.because ?? '')
    else if (event.state === 'failed') rows.settle(name, 'failed', event.error?.message ?? 'failed')
    else if (ownLine(id)) rows.settle(name, 'done', event.state === 'skipped' ? 'nothing to do' : (event.message ?? 'done'))
  }

  return {
    report: (event) => {
      if (event.type === 'plan') {
        if (event.message) io.note(io.errPaint.dim(event.message))
        if (event.state === 'unchanged' || running) return
        for (const name of namesOf(event)) rows.add(name)
        if (rows.byName.size > 0) running = begin(rows, io)
      } else if (event.type === 'warning') {
        // A line in between would tear the list apart.
        if (running) warnings.push(warningLine(event, io.errPaint))
        else io.note(warningLine(event, io.errPaint))
      } else if (event.type === 'node') onNode(event)
      else if (event.type === 'step') onStep(event)
    },
    end: async (ok) => {
      for (const [name, row] of rows.byName)
        if (row.state === 'waiting') rows.settle(name, ok ? 'done' : 'failed', ok ? 'done' : 'not done')
      await running
      for (const warning of warnings) io.note(warning)
    },
  }
}
