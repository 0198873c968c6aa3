// The editor schema of a whole cluster file, composed from the very schemas that validate. Pure; scripts/generate.mjs writes it to schema/.
import type { ServiceDefinition } from '../model/service.ts'
import { COMMON_KEYS, commonServiceSchema, NAME_PATTERN, topLevelSchema } from './common-schema.ts'
import { isRecord, type JsonSchema, toJsonSchema } from './json-schema.ts'

/** Text with a `${...}` in it, which stands for a value of any type. */
const VARIABLE = { type: 'string', pattern: '\\$\\{.+\\}' }
const TYPED = new Set(['integer', 'number', 'boolean'])

/**
 * JSON Schema (draft 7) of a cluster file with these kinds of service.
 * @example writeFileSync('schema/devcluster.schema.json', JSON.stringify(clusterJsonSchema(definitions), null, 2))
 */
export function clusterJsonSchema(definitions: readonly ServiceDefinition[]): object {
  const kinds = definitions.map((definition) => definition.kind).sort()
  const common = properties(toJsonSchema(commonServiceSchema))
  const top = toJsonSchema(topLevelSchema)
  const services = Object.fromEntries(kinds.map((kind) => [kind, keyedByKind(definitions, kind)]))
  const name = NAME_PATTERN.source
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'devcluster cluster file',
    description: 'One development cluster: its services, and how they run.',
    type: 'object',
    properties: {
      ...mapValues(properties(top), withVariables),
      extends: {
        description: 'Files that this one is laid over, relative to it: maps deep, lists and single values replace, null deletes.',
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', items: { type: 'string', minLength: 1 } },
        ],
      },
      services: {
        description: 'The services of the cluster by name. A name that is a kind needs no "kind:".',
        type: 'object',
        minProperties: 1,
        properties: services,
        additionalProperties: { $ref: '#/definitions/named-service' },
        propertyNames: { pattern: name },
      },
    },
    patternProperties: { '^x-': { description: 'Anything: for anchors and other tools.' } },
    additionalProperties: false,
    definitions: {
      ...Object.fromEntries(definitions.map((definition) => [definition.kind, serviceSchema(definition, common)])),
      'named-service': {
        description: 'A service under a name of its own says which kind it is.',
        type: 'object',
        required: ['kind'],
        properties: { kind: { description: 'What this service is.', enum: kinds } },
        allOf: kinds.map((kind) => ({
          if: { required: ['kind'], properties: { kind: { const: kind } } },
          // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
          then: { $ref: `#/definitions/${kind}` },
        })),
      },
    },
  }
}

/** Under a name that is a kind: that kind, unless `kind:` names another; also empty. */
function keyedByKind(definitions: readonly ServiceDefinition[], kind: string): JsonSchema {
  const summary = definitions.find((definition) => definition.kind === kind)?.summary
  return {
    description: summary,
    if: { type: 'object', required: ['kind'], properties: { kind: { not: { const: kind } } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { $ref: '#/definitions/named-service' },
    else: { anyOf: [{ type: 'null' }, { $ref: `#/definitions/${kind}` }] },
  }
}

function properties(schema: JsonSchema): Readonly<Record<string, unknown>> {
  return isRecord(schema['properties']) ? schema['properties'] : {}
}

function serviceSchema(definition: ServiceDefinition, common: Readonly<Record<string, unknown>>): unknown {
  const own = relocate(toJsonSchema(definition.schema), `#/definitions/${definition.kind}`)
  if (!isRecord(own)) return own
  const shared = Object.fromEntries(Object.entries(common).filter(([key]) => COMMON_KEYS.has(key)))
  const extended = {
    ...own,
    description: definition.summary,
    properties: { ...allowEmpty(properties(own)), ...shared, kind: { description: 'What this service is.', const: definition.kind } },
  }
  const allowed = withVariables(extended)
  // `kind` decides which schema applies: it is never a variable for an editor.
  if (isRecord(allowed))
    return { ...allowed, properties: { ...properties(allowed), kind: { description: 'What this service is.', const: definition.kind } } }
  return allowed
}

/** An option with nothing behind it is an option not given. */
function allowEmpty(own: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(own).map(([key, schema]) => {
      if (!isRecord(schema)) return [key, schema]
      const { description, default: fallback, ...rest } = schema
      const notes = { ...(description !== undefined && { description }), ...(fallback !== undefined && { default: fallback }) }
      const forms = Object.keys(rest).length === 1 && Array.isArray(rest['anyOf']) ? rest['anyOf'] : [rest]
      return [key, { ...notes, anyOf: [...forms, { type: 'null' }] }]
    }),
  )
}

/** References inside a service's schema mean its own root, which has moved. */
function relocate(schema: unknown, root: string): unknown {
  if (Array.isArray(schema)) return schema.map((item: unknown) => relocate(item, root))
  if (!isRecord(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' && value.startsWith('#') ? root + value.slice(1) : relocate(value, root),
    ]),
  )
}

/** Keywords whose values are schemas by name, so that a name such as `pattern` is no keyword. */
const BY_NAME = new Set(['properties', 'patternProperties', 'definitions'])
const NO_SCHEMA = new Set(['default', 'enum', 'const', 'required', 'propertyNames'])

function mapValues(record: Readonly<Record<string, unknown>>, change: (value: unknown) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** Wherever a typed or fixed value is expected, `${VAR}` may stand for it. */
function withVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withVariables)
  if (!isRecord(schema)) return schema
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (NO_SCHEMA.has(key)) return [key, value]
      return [key, BY_NAME.has(key) && isRecord(value) ? mapValues(value, withVariables) : withVariables(value)]
    }),
  )
  const { type } = schema
  const types: unknown[] = Array.isArray(type) ? type : [type]
  const typed = types.some((each) => typeof each === 'string' && TYPED.has(each)) && !types.includes('string')
  const limited = 'enum' in schema || 'const' in schema || (type === 'string' && ('pattern' in schema || 'format' in schema))
  if (!typed && !limited) return inner
  const { description, default: fallback, ...rest } = inner
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [rest, VARIABLE],
  }
}
