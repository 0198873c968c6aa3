// `consume TOPIC`: prints records from the beginning to the end that was there at the start, or follows. No group: nothing is committed.
import { DevclusterError } from '../../../errors.ts'
import type { ActionRequest, ServiceAction } from '../../../model/service.ts'
import type { KafkaOptions } from '../options.ts'
import { ContentError, toTimestamp } from '../seed/json-value.ts'
import { OFFSET_AT } from '../wire/api/records.ts'
import { type Consumed, consume as consumeRecords } from '../wire/consumer.ts'
import { numberFlag, partitionFlag, topicArgument, withBrokers } from './with-brokers.ts'

const USAGE = 'consume TOPIC [-n N] [--follow] [--partition N] [--from beginning|end|TIME] [--json]'

function startOf(request: ActionRequest): number {
  const { from } = request.flags
  if (from === undefined || from === 'beginning') return OFFSET_AT.beginning
  if (from === 'end') return OFFSET_AT.end
  try {
    return toTimestamp(typeof from === 'string' && /^\d+$/.test(from) ? Number(from) : from)
  } catch (error) {
    if (!(error instanceof ContentError)) throw error
    throw new DevclusterError(
      'USAGE',
      `--from wants beginning, end, milliseconds or a time such as 2026-01-31T12:00:00Z, not ${JSON.stringify(from)}`,
      { hint: `devcluster ${USAGE}` },
    )
  }
}

/** Text where the bytes are UTF-8, else `{"$base64"}`: what `.ndjson` seeds and `produce --json` read back as the same bytes. */
function jsonBytes(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const decoded = text.toString('utf8')
  return Buffer.from(decoded).equals(text) ? decoded : { $base64: text.toString('base64') }
}

function asJson(topic: string, { key, value, headers, partition, offset, timestamp }: Consumed): string {
  return `${JSON.stringify({
    topic,
    partition,
    offset,
    timestamp,
    key: jsonBytes(key),
    value: jsonBytes(value),
    headers: headers.map((header) => [header.key, jsonBytes(header.value)]),
  })}\n`
}

function asText({ key, value }: Consumed, withKeys: string | undefined): Uint8Array {
  const parts = [value ?? Buffer.alloc(0), Buffer.from('\n')]
  if (withKeys !== undefined) parts.unshift(key ?? Buffer.alloc(0), Buffer.from(withKeys))
  return Buffer.concat(parts)
}

/** Prints values (with `--key-separator` keys too), or one JSON document per record. */
export const consume: ServiceAction<KafkaOptions> = (context, request) =>
  withBrokers(context, request, async (client) => {
    const topic = await topicArgument(client, request, USAGE)
    const one = partitionFlag(request, topic)
    const max = numberFlag(request, 'max') ?? Number.POSITIVE_INFINITY
    const separator = request.flags['key-separator']
    const json = request.json || request.flags['json'] === true
    const partitions = one === undefined ? topic.partitions.map((partition) => partition.index) : [one]
    const rounds = consumeRecords(client, {
      topic: topic.name,
      partitions,
      from: startOf(request),
      follow: request.flags['follow'] === true,
      signal: request.signal,
    })
    let printed = 0
    if (max === 0) return 0
    for await (const records of rounds) {
      const shown = records.slice(0, max - printed)
      printed += shown.length
      if (json) await request.write(shown.map((record) => asJson(topic.name, record)).join(''))
      else await request.write(Buffer.concat(shown.map((record) => asText(record, typeof separator === 'string' ? separator : undefined))))
      if (printed >= max) break
    }
    if (printed === 0 && request.flags['from'] === 'end' && request.flags['follow'] !== true)
      request.note('nothing is behind the end yet: add --follow to wait for new records')
    return 0
  })
