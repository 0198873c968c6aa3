// `status` of a cluster in which all is well, from Node's built-ins.
import type { Call } from '../command.ts'
import { formatStatus } from '../format/status.ts'
import { show } from '../json.ts'
import { locate } from './locate.ts'
import { proveReady } from './prove.ts'

/** Exit code 0 when it was printed; undefined when the whole way has to look. */
export async function statusHot(call: Call): Promise<0 | undefined> {
  if (call.hotTried) return undefined
  const stored = await locate(call)
  const status = stored?.ready ? await proveReady(stored, call.signal) : undefined
  if (!status) return undefined
  await show(call, status, () => formatStatus(status, call.io.outPaint))
  return 0
}
