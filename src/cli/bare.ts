// `devcluster status` and `devcluster up` without a single flag, the two that editors and prompts call all the time: straight to the short way,
// without parser and table of commands. Declines whenever it is not certain.
import { type Call, type CommandSpec, Flags } from './command.ts'
import { processIo } from './io.ts'

const NOTHING: CommandSpec = {
  name: '',
  kind: 'look',
  group: '',
  summary: '',
  example: [],
  load: () => Promise.reject(new Error('never loaded')),
}

/** @returns the exit code, or undefined: take the whole way */
export async function runBare(name: 'status' | 'up', exit: (code: number) => never): Promise<number | undefined> {
  const call: Call = {
    command: NOTHING,
    flags: new Flags(new Map()),
    args: [],
    rest: [],
    signal: new AbortController().signal,
    io: processIo(false, () => exit(0)),
    hotTried: false,
  }
  try {
    const code =
      name === 'up' ? await (await import('./hot/up.ts')).upHotCommand(call) : await (await import('./hot/status.ts')).statusHot(call)
    if (code !== undefined) await call.io.out('')
    return code
  } catch {
    return undefined
  }
}
