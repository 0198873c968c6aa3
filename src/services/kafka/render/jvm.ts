// JVM flags of Kafka's nodes. The start-up archive's flag is the runtime's business, class paths the distribution's.
import type { RenderContext } from '../../../model/service.ts'
import type { NodeShape } from '../../../model/shape.ts'
import type { KafkaOptions } from '../options.ts'

const MB = 1024 * 1024

/** `-Xmx` of a node in MB. A memory limit caps it: half of the limit, the rest is for what a JVM needs beside its heap and for the page cache. */
function defaultHeapMb(node: NodeShape, context: RenderContext<KafkaOptions>): number {
  const stock = context.service.options.tuning === 'stock'
  const usual = stock ? 1024 : node.role === 'controller' ? 128 : 256
  const limit = context.service.resources.memoryBytes
  return limit === undefined ? usual : Math.max(32, Math.min(usual, Math.floor(limit / 2 / MB)))
}

/** Heap flags and why they are so. */
export function heapFlags(
  node: NodeShape,
  context: RenderContext<KafkaOptions>,
): { flags: string[]; why: string; origin: 'file' | 'tuning' | 'default' } {
  const { heap, tuning } = context.service.options
  if (heap !== undefined && node.role !== 'controller')
    return {
      flags: [`-Xms${tuning === 'stock' ? heap : `${Math.min(64, heapMb(heap))}m`}`, `-Xmx${heap}`],
      why: 'heap: in the cluster file',
      origin: 'file',
    }
  const mb = defaultHeapMb(node, context)
  if (tuning === 'stock')
    return { flags: [`-Xms${mb}m`, `-Xmx${mb}m`], why: "the start script's own heap, within the memory limit", origin: 'default' }
  return { flags: [`-Xms${Math.min(64, mb)}m`, `-Xmx${mb}m`], why: 'a development load fits; 1 GB per broker does not', origin: 'tuning' }
}

/** `512m` -> 512; `1g` -> 1024. */
export function heapMb(heap: string): number {
  const amount = Number.parseInt(heap, 10)
  const unit = heap.at(-1)?.toLowerCase()
  return unit === 'g' ? amount * 1024 : unit === 'k' ? Math.ceil(amount / 1024) : unit === 'm' ? amount : Math.ceil(amount / MB)
}

/** Flags beside the heap. A broker without memory must end, not limp: both tunings exit on OutOfMemoryError. */
export function vmFlags(node: NodeShape, context: RenderContext<KafkaOptions>): string[] {
  const debug = context.placement[node.id]?.ports['debug']
  return [
    ...(context.service.options.tuning === 'stock'
      ? ['-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent']
      : ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']),
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    ...(debug ? [`-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=${debug.listen.host}:${debug.listen.port}`] : []),
  ]
}
