// The commands that kind kafka adds to the command line.
import type { ServiceAction } from '../../../model/service.ts'
import type { KafkaOptions } from '../options.ts'
import { consume } from './consume.ts'
import { produce } from './produce.ts'
import { topics } from './topics.ts'

export const kafkaActions: Readonly<Record<string, ServiceAction<KafkaOptions>>> = { topics, produce, consume }
