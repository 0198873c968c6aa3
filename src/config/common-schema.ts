// Schemas of what every cluster file and every service has; the services' own schemas are handed in elsewhere. The editor schema comes from these too.
import { isIP } from 'node:net'
import { z } from 'zod'
import type { Resources } from '../model/spec.ts'

/** Version of the file format that this package reads. */
export const FORMAT_VERSION = 1
export const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,30}$/

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }
/** The smallest limit a container engine takes. */
const LEAST_MEMORY = 6 * 1024 ** 2

/** Bytes of `512m`, `1.5g`, `262144k`; undefined when it is no such thing. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim())
  const unit = BYTES[match?.[2]?.toLowerCase() ?? '']
  return match && unit !== undefined ? Math.floor(Number(match[1]) * unit) : undefined
}

const memory = z
  .union([z.string(), z.number()])
  .describe('Memory limit of one node: `512m`, `2g`, or bytes. In containers a hard limit; as processes the heap follows it.')
  .transform((value, context) => {
    const bytes = typeof value === 'number' ? value : parseBytes(value)
    if (bytes === undefined) context.addIssue({ code: 'custom', message: 'expected an amount of memory such as 512m or 2g' })
    else if (bytes < LEAST_MEMORY) context.addIssue({ code: 'custom', message: `expected at least 6m, got ${bytes} bytes` })
    return bytes ?? 0
  })

const text = z.string().min(1)
/** YAML has no quotes around most names: numbers and booleans are the text they look like. */
const textOfScalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const textList = z.union([text, z.array(text)]).transform((value) => (typeof value === 'string' ? [value] : value))

/** Keys that every service has beside its own. */
export const commonServiceSchema = z.strictObject({
  kind: text.optional().describe('What this service is. Default: its name.'),
  needs: textList.optional().describe('Services that must be ready before this one starts, beside those that its options refer to.'),
  profiles: textList
    .optional()
    .describe('Only part of the cluster when one of these profiles is active (`--profile`, `DEVCLUSTER_PROFILES`).'),
  image: z
    .string()
    .regex(/^\S+$/, 'expected the name of an image, without blanks')
    .optional()
    .describe('Container image instead of the one from the catalogue.'),
  env: z
    .record(z.string().regex(/^[^=\s]+$/, 'expected the name of a variable'), textOfScalar)
    .optional()
    .describe('Environment variables of each node.'),
  resources: z
    .strictObject({
      memory: memory.optional(),
      cpus: z.number().positive().max(1024).optional().describe('Cores of one node, also fractions: 0.5.'),
    })
    .optional()
    .describe('Limits of each node.'),
  volumes: z
    .array(z.string().regex(/^[^:]+:\/[^:]*(?::(?:ro|rw))?$/, 'expected HOST:/CONTAINER or HOST:/CONTAINER:ro'))
    .optional()
    .describe('Folders or files of the host in each container: `./plugins:/opt/plugins:ro`. Containers only.'),
  debug: z.int().min(1).max(65535).optional().describe('JVM debug port of the first node; further nodes count up.'),
})

export type CommonServiceOptions = z.output<typeof commonServiceSchema>
export const COMMON_KEYS: ReadonlySet<string> = new Set(Object.keys(commonServiceSchema.shape))

/** Top level of a cluster file, but for `services`. */
export const topLevelSchema = z.strictObject({
  version: z
    .literal(FORMAT_VERSION, `expected ${FORMAT_VERSION}, the format that this devcluster reads`)
    .optional()
    .describe('Format of this file.'),
  name: z
    .string()
    .regex(NAME_PATTERN, 'expected lower-case letters, digits and hyphens, at most 31, not beginning with a hyphen')
    .optional()
    .describe("Name of the cluster. Default: the folder's name."),
  runtime: z
    .enum(['auto', 'docker', 'process'])
    .optional()
    .describe('Containers (`docker`), plain processes (`process`), or containers where an engine answers (`auto`, the default).'),
  bind: z
    .string()
    .refine((value) => isIP(value) !== 0, 'expected an IP address such as 127.0.0.1 or 0.0.0.0')
    .optional()
    .describe('Address of the host that published ports bind to. Default: 127.0.0.1. A remote engine needs it.'),
  mirrors: z.record(text, text).optional().describe('Registry host to pull from instead: `docker.io: registry.example.org/hub`.'),
})

export const TOP_LEVEL_KEYS: readonly string[] = [...Object.keys(topLevelSchema.shape), 'extends', 'services']

/** `resources:` as the model has it. */
export function toResources(options: CommonServiceOptions['resources']): Resources {
  return {
    ...(options?.memory !== undefined && { memoryBytes: options.memory }),
    ...(options?.cpus !== undefined && { cpus: options.cpus }),
  }
}
