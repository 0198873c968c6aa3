import { describe, expect, test } from 'vitest'
import { toyDefinitions } from '../../test/helpers/toy-services.ts'
import { expectedAt, isRecord, type JsonSchema, keysAt } from './json-schema.ts'
import { clusterJsonSchema } from './schema-json.ts'

const schema: JsonSchema = JSON.parse(JSON.stringify(clusterJsonSchema(toyDefinitions)))

function at(...path: string[]): Record<string, unknown> {
  let here: unknown = schema
  for (const part of path) here = isRecord(here) ? here[part] : undefined
  return isRecord(here) ? { ...here } : {}
}

test('the top must be closed, and every key described', () => {
  expect(schema['additionalProperties']).toBe(false)
  const properties = at('properties')
  expect(Object.keys(properties).sort()).toEqual(['bind', 'extends', 'mirrors', 'name', 'runtime', 'services', 'version'])
  for (const [key, value] of Object.entries(properties)) expect(value, key).toHaveProperty('description')
})

test('a kind must be closed, and have its own and the common keys, each described', () => {
  const toy = at('definitions', 'toy')
  expect(toy).toMatchObject({ type: 'object', additionalProperties: false, description: 'A small server for tests.' })
  const properties = at('definitions', 'toy', 'properties')
  expect(Object.keys(properties)).toEqual(
    expect.arrayContaining(['nodes', 'seeds', 'kind', 'needs', 'profiles', 'image', 'env', 'resources', 'volumes', 'debug']),
  )
  for (const [key, value] of Object.entries(properties)) expect(value, key).toHaveProperty('description')
})

test('a name that is a kind must mean it, any other must say its kind', () => {
  expect(at('properties', 'services', 'properties', 'toy', 'else')).toEqual({ anyOf: [{ type: 'null' }, { $ref: '#/definitions/toy' }] })
  expect(at('properties', 'services')['additionalProperties']).toEqual({ $ref: '#/definitions/named-service' })
  expect(at('definitions', 'named-service')['required']).toEqual(['kind'])
})

test('a variable must be allowed wherever a typed or fixed value is', () => {
  const variable = { type: 'string', pattern: '\\$\\{.+\\}' }
  const forms = (key: string) => JSON.stringify(at('definitions', 'toy', 'properties', key))
  for (const key of ['nodes', 'port', 'mode', 'seeds', 'debug', 'resources']) expect(forms(key), key).toContain(JSON.stringify(variable))
  expect(JSON.stringify(at('properties', 'runtime'))).toContain(JSON.stringify(variable))
  expect(JSON.stringify(at('definitions', 'toy', 'properties', 'kind'))).not.toContain('$')
})

test('every reference inside must lead somewhere', () => {
  const references: string[] = []
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') references.push(value)
    return value
  })
  expect(references.length).toBeGreaterThan(4)
  for (const reference of references) expect(at(...reference.slice(2).split('/')), reference).not.toEqual({})
})

describe('words for what is expected', () => {
  const words = (json: JsonSchema) => expectedAt(json, [])
  test.each([
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'a whole number from 1 to 9'],
    [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, 'a whole number of at least 1'],
    [{ type: 'number', exclusiveMinimum: 0 }, 'a number above 0'],
    [{ anyOf: [{ const: 'auto' }, { type: 'integer' }] }, 'auto or a whole number'],
    [{ enum: ['a', 'b', 'c'] }, 'a, b or c'],
    [{ type: ['string', 'boolean'] }, 'text or true or false'],
    [{ anyOf: [{ type: 'string' }, {}] }, undefined],
    [{ $ref: '#/definitions/x', definitions: { x: { type: 'boolean' } } }, 'true or false'],
  ])('%j', (json, wanted) => {
    expect(words(json)).toBe(wanted)
  })

  test('keys must be found through alternatives', () => {
    const json = { properties: { a: { anyOf: [{ type: 'string' }, { type: 'object', properties: { b: {}, c: {} } }] } } }
    expect(keysAt(json, ['a'])).toEqual(['b', 'c'])
  })
})
