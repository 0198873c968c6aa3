// `devcluster doctor`: is this machine fit? Exit 6 when something that matters is not.
import type { Run } from '../command.ts'
import type { CheckContext, CheckResult } from '../doctor/check.ts'
import { checkCache, checkDisk, checkMemory, checkNode, checkPorts, checkState } from '../doctor/machine.ts'
import { checkEngine, checkJava } from '../doctor/runtimes.ts'
import { columns } from '../format/table.ts'
import { show } from '../json.ts'

const NOT_FIT = 6

export const run: Run = async (call) => {
  const asked = call.flags.text('runtime')
  const context: CheckContext = {
    env: call.io.env,
    signal: call.signal,
    runtime: asked === 'docker' || asked === 'process' ? asked : undefined,
  }
  const looked = await Promise.all([
    ...[checkEngine, checkJava, checkDisk, checkState, checkCache].map((check) => check(context)),
    checkPorts(),
  ])
  const results = [checkNode(), checkMemory(), ...looked]
  const fit = results.every((result) => result.state !== 'fail')
  await show(call, { v: 1, fit, checks: results }, () => {
    const { green, yellow, red } = call.io.outPaint
    const mark: Readonly<Record<CheckResult['state'], string>> = { ok: green('ok'), warn: yellow('warn'), fail: red('FAIL') }
    return [
      columns(
        results.flatMap((result) => [
          [mark[result.state], result.name, result.text],
          ...(result.hint === undefined ? [] : [['', '', `hint: ${result.hint}`]]),
        ]),
      ),
      fit ? 'fit' : 'not fit',
    ].join('\n')
  })
  return fit ? 0 : NOT_FIT
}
