// The only file that names all services. Imported by lifecycle/source.ts and the generator; everything else takes definitions as arguments.
import type { ServiceDefinition } from '../model/service.ts'
import kafka from './kafka/index.ts'
import zookeeper from './zookeeper/index.ts'

export const builtinServices: readonly ServiceDefinition[] = [kafka, zookeeper]
