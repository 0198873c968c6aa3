// `devcluster exec NODE -- COMMAND`: runs it at the node with the caller's streams, and ends with its exit code.
import { DevclusterError } from '../../errors.ts'
import { connectCluster } from '../../index.ts'
import type { Run } from '../command.ts'
import { targetOf } from '../target.ts'

export const run: Run = async (call) => {
  const [target = ''] = call.args
  if (call.rest.length === 0)
    throw new DevclusterError('USAGE', 'exec needs a command', { hint: `usage: devcluster exec ${target} -- COMMAND...` })
  const cluster = await connectCluster(await targetOf(call))
  const [id = target] = cluster.targets(target)
  const writing: Promise<void>[] = []
  const result = await cluster.node(id).exec(call.rest, {
    signal: call.signal,
    input: { inherit: true },
    onStdout: (chunk) => void writing.push(call.io.out(chunk)),
    onStderr: (chunk) => void call.io.stderr.write(chunk),
  })
  await Promise.all(writing)
  return result.exitCode
}
