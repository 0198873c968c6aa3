// What every action of this service needs: a client, errors as DevclusterErrors, and checked flags.
import { DevclusterError } from '../../../errors.ts'
import type { ActionRequest, ServiceContext } from '../../../model/service.ts'
import { brokerAddresses } from '../members.ts'
import type { KafkaOptions } from '../options.ts'
import { metadata, type TopicInfo } from '../wire/api/metadata.ts'
import { KafkaClient } from '../wire/client.ts'
import { ERROR, errorName, WireError } from '../wire/errors.ts'

export async function withBrokers(
  context: ServiceContext<KafkaOptions>,
  request: ActionRequest,
  use: (client: KafkaClient) => Promise<number>,
): Promise<number> {
  const client = new KafkaClient(brokerAddresses(context.nodes), request.signal)
  try {
    return await use(client)
  } catch (error) {
    request.signal.throwIfAborted()
    if (!(error instanceof WireError)) throw error
    const down = error.kind === 'refused' || error.kind === 'timeout' || error.kind === 'closed'
    throw new DevclusterError(down ? 'NOT_READY' : 'USAGE', `${context.service.name}: ${error.message}`, {
      hint: down ? 'devcluster up starts what does not run; devcluster status shows it' : undefined,
      cause: error,
    })
  } finally {
    await client.close()
  }
}

/** The one topic an action is about. @throws DevclusterError USAGE when it is missing, absent, or there is more */
export async function topicArgument(client: KafkaClient, request: ActionRequest, usage: string): Promise<TopicInfo> {
  const [name, ...more] = request.args
  if (name === undefined || more.length > 0)
    throw new DevclusterError('USAGE', `${usage.split(' ')[0]} takes one topic`, { hint: `devcluster ${usage}` })
  const { topics } = await client.any(metadata, { topics: [name] })
  const [topic] = topics
  if (topic && topic.errorCode === ERROR.none) return topic
  const why =
    topic && topic.errorCode !== ERROR.unknownTopicOrPartition
      ? `topic ${name}: ${errorName(topic.errorCode)}`
      : `there is no topic ${name}`
  throw new DevclusterError('USAGE', why, { hint: 'devcluster topics lists what is there; declare it under topics: in the cluster file' })
}

/** A flag that is a whole number, or undefined when it is not given. @throws DevclusterError USAGE */
export function numberFlag(request: ActionRequest, flag: string): number | undefined {
  const value = request.flags[flag]
  if (value === undefined || value === false) return undefined
  if (typeof value === 'string' && /^\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  throw new DevclusterError('USAGE', `--${flag} wants a whole number, not ${JSON.stringify(value)}`)
}

export function partitionFlag(request: ActionRequest, topic: TopicInfo): number | undefined {
  const partition = numberFlag(request, 'partition')
  if (partition !== undefined && partition >= topic.partitions.length) {
    throw new DevclusterError(
      'USAGE',
      `topic ${topic.name} has no partition ${partition}: it has ${topic.partitions.length} (0 to ${topic.partitions.length - 1})`,
    )
  }
  return partition
}
