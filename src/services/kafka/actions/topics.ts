// `topics`: what is there, as a table or as JSON.
import type { ServiceAction } from '../../../model/service.ts'
import type { KafkaOptions } from '../options.ts'
import { offsetsOf } from '../topics/serve.ts'
import { metadata, type TopicInfo } from '../wire/api/metadata.ts'
import { OFFSET_AT } from '../wire/api/records.ts'
import { describeTopicConfigs } from '../wire/api/topics.ts'
import type { KafkaClient } from '../wire/client.ts'
import { withBrokers } from './with-brokers.ts'

export interface TopicRow {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  /** End minus beginning over all partitions; undefined while a partition has no leader. A compacted topic holds fewer. */
  readonly records: number | undefined
  readonly cleanupPolicy: string
  /** Partitions whose replicas are not all in sync. */
  readonly underReplicated: number
}

/** All topics but Kafka's own, by name. */
export async function topicRows(client: KafkaClient): Promise<readonly TopicRow[]> {
  const { topics } = await client.any(metadata, { topics: null })
  const shown = topics.filter((topic) => !topic.internal && !topic.name.startsWith('__')).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (shown.length === 0) return []
  const led = shown.filter((topic) => topic.partitions.every((partition) => partition.leader >= 0))
  const [configs, ends, beginnings] = await Promise.all([
    client.any(describeTopicConfigs, { names: shown.map((topic) => topic.name), keys: ['cleanup.policy'] }),
    offsetsOf(client, led, OFFSET_AT.end),
    offsetsOf(client, led, OFFSET_AT.beginning),
  ])
  const sum = (answers: typeof ends, name: string) =>
    answers.reduce((total, { topic, offset }) => (topic === name ? total + Math.max(0, offset) : total), 0)
  return shown.map((topic) => ({
    name: topic.name,
    partitions: topic.partitions.length,
    replicas: topic.partitions[0]?.replicas.length ?? 0,
    records: led.includes(topic) ? sum(ends, topic.name) - sum(beginnings, topic.name) : undefined,
    cleanupPolicy: configs.find(({ name }) => name === topic.name)?.entries.get('cleanup.policy')?.value ?? '',
    underReplicated: underReplicated(topic),
  }))
}

function underReplicated(topic: TopicInfo): number {
  return topic.partitions.filter((partition) => partition.isr.length < partition.replicas.length).length
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  // Text to the left, numbers to the right.
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => (column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Prints name, partitions, replicas, records and cleanup policy of each topic. */
export const topics: ServiceAction<KafkaOptions> = (context, request) =>
  withBrokers(context, request, async (client) => {
    const rows = await topicRows(client)
    if (request.json) {
      await request.write(`${JSON.stringify({ v: 1, service: context.service.name, topics: rows })}\n`)
      return 0
    }
    if (rows.length === 0) request.note('there are no topics')
    else {
      const lines = rows.map((row) => [
        row.name,
        String(row.partitions),
        String(row.replicas),
        row.records === undefined ? '?' : String(row.records),
        row.cleanupPolicy,
        row.underReplicated === 0 ? '' : `${row.underReplicated} under-replicated`,
      ])
      await request.write(table([['TOPIC', 'PARTITIONS', 'REPLICAS', 'RECORDS', 'POLICY', ''], ...lines]))
    }
    return 0
  })
