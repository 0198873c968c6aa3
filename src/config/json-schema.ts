// JSON Schema of a zod schema, and walking and wording it: "a whole number from 1 to 9". Pure; composes nothing.
import { z } from 'zod'
import { orList } from './suggest.ts'
import type { Path } from './tree.ts'

/** A JSON Schema, or any part of one, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

// Schemas never change: each is converted once.
const made = new WeakMap<z.ZodType, JsonSchema>()

/** The input side of a zod schema as JSON Schema draft 7, which editors' YAML servers know best. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const known = made.get(schema)
  if (known) return known
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' })
  made.set(schema, json)
  return json
}

/** Narrows to an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function schemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Alternatives of a schema, references followed. */
function branches(schema: JsonSchema, root: JsonSchema, depth = 0): JsonSchema[] {
  if (depth > 20) return []
  if (typeof schema['$ref'] === 'string') {
    const target = resolveRef(schema['$ref'], root)
    return target ? branches(target, root, depth + 1) : []
  }
  const inner = [...schemas(schema['anyOf']), ...schemas(schema['oneOf']), ...schemas(schema['allOf'])]
  const { type } = schema
  if (inner.length === 0) return Array.isArray(type) ? type.map((each: unknown) => ({ ...schema, type: each })) : [schema]
  return inner.flatMap((each) => branches(each, root, depth + 1))
}

function resolveRef(ref: string, root: JsonSchema): JsonSchema | undefined {
  let at: unknown = root
  for (const part of ref.replace(/^#\/?/, '').split('/').filter(Boolean)) at = isRecord(at) ? at[part] : undefined
  return isRecord(at) ? at : undefined
}

/** Every schema that could apply at a path. */
export function schemasAt(root: JsonSchema, path: Path): JsonSchema[] {
  let current = branches(root, root)
  for (const part of path) {
    current = current.flatMap((schema) => {
      const properties = isRecord(schema['properties']) ? schema['properties'] : {}
      const next =
        typeof part === 'number' ? schema['items'] : Object.hasOwn(properties, part) ? properties[part] : schema['additionalProperties']
      return isRecord(next) ? branches(next, root) : []
    })
  }
  return current
}

/** Names of the keys that a map at this path may have. */
export function keysAt(root: JsonSchema, path: Path): string[] {
  return schemasAt(root, path).flatMap((schema) => (isRecord(schema['properties']) ? Object.keys(schema['properties']) : []))
}

/** The fixed values allowed at this path. */
export function valuesAt(root: JsonSchema, path: Path): string[] {
  return schemasAt(root, path).flatMap((schema) => fixedValues(schema) ?? [])
}

function fixedValues(schema: JsonSchema): string[] | undefined {
  if ('const' in schema) return [String(schema['const'])]
  return Array.isArray(schema['enum']) ? schema['enum'].map(String) : undefined
}

/** What is expected at a path in plain words, or undefined when anything goes. */
export function expectedAt(root: JsonSchema, path: Path): string | undefined {
  const words = schemasAt(root, path).flatMap((schema) => fixedValues(schema) ?? [wordsFor(schema)])
  const known = words.filter((word) => word !== undefined)
  return known.length === 0 || known.length !== words.length ? undefined : orList([...new Set(known)])
}

function wordsFor(schema: JsonSchema): string | undefined {
  switch (schema['type']) {
    case 'integer':
      return `a whole number${rangeWords(schema)}`
    case 'number':
      return `a number${rangeWords(schema)}`
    case 'string':
      return schema['minLength'] === 1 ? 'text that is not empty' : 'text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'a list'
    case 'object':
      return 'a map'
    case 'null':
      return 'nothing'
    default:
      return undefined
  }
}

function rangeWords(schema: JsonSchema): string {
  const bound = (name: string) => {
    const value = schema[name]
    // zod writes the safe integers' ends as bounds: nobody asked for them.
    return typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER ? value : undefined
  }
  const [least, most, above, below] = [bound('minimum'), bound('maximum'), bound('exclusiveMinimum'), bound('exclusiveMaximum')]
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`
  const low = least !== undefined ? `of at least ${least}` : above !== undefined ? `above ${above}` : undefined
  const high = most !== undefined ? `of at most ${most}` : below !== undefined ? `below ${below}` : undefined
  const both = [low, high].filter((word) => word !== undefined)
  return both.length === 0 ? '' : ` ${both.join(' and ')}`
}
