// What Kafka would refuse about the declared topics, or what could never be written to. Findings only.
import { isDevclusterError } from '../../errors.ts'
import type { Finding } from '../../model/service.ts'
import type { ServiceSpec } from '../../model/spec.ts'
import { suggest } from '../../util/suggest.ts'
import { KAFKA_VERSIONS, kafkaArtifacts } from './catalogue.ts'
import type { KafkaOptions, KafkaTopic } from './options.ts'
import { compileTemplate } from './seed/template.ts'

/** Rules of org.apache.kafka.common.internals.Topic. */
function nameProblem(name: string): string | undefined {
  if (name === '.' || name === '..') return `${name} is no topic name.`
  if (name.length === 0 || name.length > 249) return `A topic name has 1 to 249 characters; this one has ${name.length}.`
  const bad = /[^a-zA-Z0-9._-]/u.exec(name)?.[0]
  if (bad !== undefined) return `A topic name has only a-z, A-Z, 0-9, ".", "_" and "-"; this one has ${JSON.stringify(bad)}.`
  if (['__consumer_offsets', '__transaction_state', '__share_group_state', '__cluster_metadata'].includes(name))
    return `${name} is Kafka's own.`
  return undefined
}

function checkSettings(name: string, topic: KafkaTopic, known: ReadonlySet<string>, version: string): Finding[] {
  const findings: Finding[] = []
  for (const [key, value] of Object.entries(topic.config)) {
    if (known.size > 0 && !known.has(key)) {
      const near = suggest(key, known)
      findings.push({
        severity: 'error',
        path: ['topics', name, 'config', key],
        at: 'key',
        message: `Kafka ${version} has no topic setting ${key}.`,
        ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
      })
    } else if (key === 'cleanup.policy' && !/^(delete|compact)?(\s*,\s*(delete|compact))*$/.test(value)) {
      findings.push({
        severity: 'error',
        path: ['topics', name, 'config', key],
        message: `cleanup.policy is delete, compact or both, not ${value}.`,
      })
    }
  }
  return findings
}

function checkCopies(name: string, topic: KafkaTopic, options: KafkaOptions): Finding[] {
  if (topic.replicas > options.brokers) {
    const have = options.brokers === 1 ? 'is 1 broker' : `are ${options.brokers} brokers`
    return [
      {
        severity: 'error',
        path: ['topics', name, 'replicas'],
        message: `${name} wants ${topic.replicas} replicas, but there ${have}.`,
        hint: `Use at most ${options.brokers}, or more brokers.`,
      },
    ]
  }
  const own = topic.config['min.insync.replicas']
  const wanted = Number(own ?? options.config['min.insync.replicas'] ?? 1)
  // More than there are brokers is reported once, at the broker's setting.
  if (!(wanted > topic.replicas) || (own === undefined && wanted > options.brokers)) return []
  return [
    {
      severity: 'error',
      path: own === undefined ? ['topics', name, 'replicas'] : ['topics', name, 'config', 'min.insync.replicas'],
      message: `min.insync.replicas is ${wanted}, but ${name} has ${topic.replicas === 1 ? '1 replica' : `${topic.replicas} replicas`}: no write with acks=all could succeed.`,
    },
  ]
}

/** Templates are wrong before anything is started, not when records are sent. */
function checkTemplates(name: string, { seed }: KafkaTopic): Finding[] {
  if (seed?.from !== 'generator') return []
  return (['key', 'value'] as const).flatMap((part): Finding[] => {
    const source = seed[part]
    if (source === undefined) return []
    try {
      compileTemplate(source, part)
      return []
    } catch (error) {
      if (!isDevclusterError(error)) throw error
      const hint = error.hint === undefined ? {} : { hint: error.hint }
      return [{ severity: 'error', path: ['topics', name, 'seed', 'generate', part], message: error.message, ...hint }]
    }
  })
}

function checkSeed(name: string, topic: KafkaTopic): Finding[] {
  const { seed } = topic
  if (!seed || !(topic.config['cleanup.policy'] ?? '').includes('compact')) return []
  const keyless =
    seed.key === undefined && (seed.from === 'generator' || seed.as === 'lines' || seed.as === 'value' || seed.as === 'json-array')
  return keyless
    ? [
        {
          severity: 'error',
          path: ['topics', name, 'seed'],
          message: `${name} is compacted and takes only records with a key; this seed gives none.`,
          hint: 'Add key: to the seed.',
        },
      ]
    : []
}

/** Kafka's metrics cannot tell `a.b` from `a_b`, so it refuses the second. */
function checkCollisions(names: readonly string[]): Finding[] {
  const seen = new Map<string, string>()
  return names.flatMap((name): Finding[] => {
    const first = seen.get(name.replaceAll('.', '_'))
    seen.set(name.replaceAll('.', '_'), first ?? name)
    return first === undefined
      ? []
      : [
          {
            severity: 'error',
            path: ['topics', name],
            at: 'key',
            message: `Kafka refuses ${name} beside ${first}: "." and "_" count as the same.`,
          },
        ]
  })
}

export function checkTopics({ options }: ServiceSpec<KafkaOptions>): Finding[] {
  const known = new Set(KAFKA_VERSIONS.includes(options.version) ? kafkaArtifacts(options.version).configs.topic : [])
  const findings: Finding[] = []
  for (const [name, topic] of Object.entries(options.topics)) {
    const problem = nameProblem(name)
    if (problem !== undefined) findings.push({ severity: 'error', path: ['topics', name], at: 'key', message: problem })
    findings.push(...checkCopies(name, topic, options), ...checkSettings(name, topic, known, options.version))
    findings.push(...checkTemplates(name, topic), ...checkSeed(name, topic))
  }
  return [...findings, ...checkCollisions(Object.keys(options.topics))]
}
