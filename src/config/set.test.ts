import { expect, test } from 'vitest'
import { fromObject } from './parse-object.ts'
import { applySet } from './set.ts'
import { locate, toPlain } from './tree.ts'

const base = { services: { shop: { nodes: 1, topics: { a: '1:1' }, list: [{ x: 1 }, { x: 2 }] } } }

async function apply(flag: string) {
  const { root } = fromObject(base, { kind: 'object', name: 'object', dir: '/' })
  const result = await applySet(root, flag, '/')
  return { ...result, plain: toPlain(result.root) }
}

test.each([
  ['services.shop.nodes=5', { services: { shop: { ...base.services.shop, nodes: 5 } } }],
  ['services.shop.nodes=null', { services: { shop: { topics: { a: '1:1' }, list: base.services.shop.list } } }],
  [
    'services.shop.config["log.retention.hours"]=1',
    { services: { shop: { ...base.services.shop, config: { 'log.retention.hours': 1 } } } },
  ],
  ["services.shop.config['a.b']=x=y", { services: { shop: { ...base.services.shop, config: { 'a.b': 'x=y' } } } }],
  ['services.shop.list[1].x=9', { services: { shop: { ...base.services.shop, list: [{ x: 1 }, { x: 9 }] } } }],
  ['services.shop.list[2]=9', { services: { shop: { ...base.services.shop, list: [{ x: 1 }, { x: 2 }, 9] } } }],
  ['services.shop.list=[a, 2]', { services: { shop: { ...base.services.shop, list: ['a', 2] } } }],
  [
    'services.shop.topics.b={ partitions: 2 }',
    { services: { shop: { ...base.services.shop, topics: { a: '1:1', b: { partitions: 2 } } } } },
  ],
  ['name="5"', { ...base, name: '5' }],
  ['name=', { ...base, name: '' }],
])('%s must be applied', async (flag, wanted) => {
  const { plain, problem } = await apply(flag)
  expect(problem).toBeUndefined()
  expect(plain).toEqual(wanted)
})

test('the position must be the value in the flag', async () => {
  const { root } = await apply('services.shop.nodes=5')
  const { span } = locate(root, ['services', 'shop', 'nodes']).node
  expect(span.source).toMatchObject({ kind: 'flag', name: '--set services.shop.nodes=5' })
  expect(span.source.text?.slice(span.start, span.end)).toBe('5')
})

test.each([
  ['', /path ends/],
  ['services', /expected "="|path ends/],
  ['services.=1', /expected a key/],
  ['=1', /expected a key/],
  ['a[b]=1', /between the brackets/],
  ['a["x]=1', /between the brackets/],
  ['services.shop.nodes.deep=1', /is a single value/],
  ['services.shop.list.x=1', /is a list/],
  ['services.shop.list[7]=1', /has 2 items/],
  ['a=[1', /./],
  ['__proto__.x=1', /not allowed/],
])('%j must be refused and change nothing', async (flag, message) => {
  const { plain, problem } = await apply(flag)
  expect(problem?.message).toMatch(message)
  expect(plain).toEqual(base)
})
