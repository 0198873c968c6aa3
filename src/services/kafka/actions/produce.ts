// `produce TOPIC`: each line of stdin becomes a record: its text, key and value around a separator, or an envelope as in `.ndjson` seeds.
import { DevclusterError } from '../../../errors.ts'
import type { ActionRequest, ServiceAction } from '../../../model/service.ts'
import type { KafkaOptions } from '../options.ts'
import { columnAt } from '../seed/invalid.ts'
import { ContentError } from '../seed/json-value.ts'
import { EnvelopeError, readEnvelope } from '../seed/readers/ndjson.ts'
import { NO_HEADERS, type SeedRecord } from '../seed/seed-record.ts'
import { describeTopicConfigs } from '../wire/api/topics.ts'
import { makeProducer } from '../wire/producer.ts'
import { partitionFlag, topicArgument, withBrokers } from './with-brokers.ts'

const USAGE = 'produce TOPIC [--key-separator :] [--partition N] [--json] < lines'
const DEFAULT_MAX_BYTES = 1_048_588

interface Form {
  readonly json: boolean
  readonly separator: string | undefined
  readonly partition: number | undefined
  readonly partitions: number
}

function recordOf(line: Buffer, number: number, form: Form): SeedRecord {
  if (form.json) {
    const record = envelope(line, number, form.partitions)
    return form.partition === undefined ? record : { ...record, partition: form.partition }
  }
  const plain = { headers: NO_HEADERS, partition: form.partition, timestamp: undefined }
  if (form.separator === undefined) return { ...plain, key: null, value: line }
  const at = line.indexOf(form.separator)
  if (at < 0)
    throw new DevclusterError('SEED_INVALID', `stdin:${number}:1: there is no ${JSON.stringify(form.separator)} between key and value`, {
      data: { line: number, column: 1 },
    })
  return { ...plain, key: line.subarray(0, at), value: line.subarray(at + Buffer.byteLength(form.separator)) }
}

function envelope(line: Buffer, number: number, partitions: number): SeedRecord {
  try {
    return readEnvelope(line, undefined, partitions)
  } catch (error) {
    if (!(error instanceof ContentError) && !(error instanceof EnvelopeError)) throw error
    const column = error instanceof EnvelopeError ? columnAt(line, error.at) : (error.offset ?? 0) + 1
    throw new DevclusterError('SEED_INVALID', `stdin:${number}:${column}: ${error.message}`, { data: { line: number, column } })
  }
}

/** Lines of a stream, many at a time. */
async function* linesOf(stdin: ActionRequest['stdin']): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stdin) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk)
    const lines: Buffer[] = []
    let from = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      lines.push(bytes.subarray(from, bytes[end - 1] === 0x0d && end > from ? end - 1 : end))
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [rest]
}

/** Sends stdin; at a terminal each line goes out at once. Prints how many were acknowledged. */
export const produce: ServiceAction<KafkaOptions> = (context, request) =>
  withBrokers(context, request, async (client) => {
    const topic = await topicArgument(client, request, USAGE)
    const separator = request.flags['key-separator']
    if (separator === '' || separator === true)
      throw new DevclusterError('USAGE', '--key-separator wants a text', { hint: `devcluster ${USAGE}` })
    const form: Form = {
      json: request.json || request.flags['json'] === true,
      separator: typeof separator === 'string' ? separator : undefined,
      partition: partitionFlag(request, topic),
      partitions: topic.partitions.length,
    }
    if (form.json && form.separator !== undefined)
      throw new DevclusterError('USAGE', '--json and --key-separator exclude each other: an envelope has its own key')
    const [settings] = await client.any(describeTopicConfigs, { names: [topic.name], keys: ['max.message.bytes'] })
    let sent = 0
    const producer = await makeProducer(client, {
      topic: topic.name,
      partitions: topic.partitions.length,
      compression: 'none',
      maxBatchBytes: Number(settings?.entries.get('max.message.bytes')?.value ?? DEFAULT_MAX_BYTES),
      signal: request.signal,
      onAcknowledged: (records) => {
        sent += records
      },
    })
    if (request.stdin.isTTY) request.note(`type records for ${topic.name}, one per line; Ctrl-D ends`)
    let number = 0
    try {
      for await (const lines of linesOf(request.stdin)) {
        const records: SeedRecord[] = []
        for (const line of lines) {
          number++
          if (form.json && line.length === 0) continue
          records.push(recordOf(line, number, form))
        }
        await producer.send(records)
        // What a person (or a slow pipe) has written must not wait for more.
        if (lines.length < 100) await producer.flush()
      }
      await producer.flush()
    } finally {
      request.note(`${sent} ${sent === 1 ? 'record' : 'records'} into ${topic.name}`)
    }
    return 0
  })
