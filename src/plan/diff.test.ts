import { describe, expect, test } from 'vitest'
import { node, observed, seen, service } from '../../test/helpers/nodes.ts'
import { isDevclusterError } from '../errors.ts'
import type { NodeSpec } from '../model/node.ts'
import { type DiffInput, diff } from './diff.ts'
import { changesSomething, formatPlan } from './format.ts'

const one = node('toy-1')
const two = node('toy-2')

function plan(input: Partial<DiffInput>) {
  return diff({
    cluster: 'c',
    nodes: [one, two],
    services: [service('toy', { hasUsable: true, hasSeeds: true })],
    observed: observed([]),
    previous: {},
    recreate: false,
    ...input,
  })
}

function text(input: Partial<DiffInput>, all = false): string {
  return formatPlan(plan(input), { all })
}

function before(...nodes: readonly NodeSpec[]): Record<string, NodeSpec> {
  return Object.fromEntries(nodes.map((entry) => [entry.id, entry]))
}

describe('a plan', () => {
  test('starts new nodes in parallel, proves each and the whole, checks seeds meanwhile and seeds last', () => {
    expect(text({}, true)).toMatchInlineSnapshot(`
      "c:
        . fetch toy        2 to start
        + start toy-1      new  (after fetch toy)
        . wait toy-1       ready is proven, not assumed  (after start toy-1)
        + start toy-2      new  (after fetch toy)
        . wait toy-2       ready is proven, not assumed  (after start toy-2)
        . usable toy       prove the whole service  (after wait toy-1, wait toy-2)
        . check-seeds toy  before anything is sent
        + seed toy         new  (after usable toy, check-seeds toy)"
    `)
  })

  test('for what runs unchanged and is seeded does nothing but prove it', () => {
    const unchanged = plan({ observed: observed([seen(one), seen(two)]), services: [service('toy', { hasSeeds: true, seeded: true })] })
    expect(changesSomething(unchanged)).toBe(false)
    expect(formatPlan(unchanged)).toBe('c: nothing to do')
    expect(unchanged.steps.map((step) => step.op.do)).toEqual(['wait', 'wait', 'seed'])
  })

  test('repairs a killed node with its data and says what killed it', () => {
    const killed = seen(two, {
      state: 'stopped',
      exit: { node: 'toy-2', at: 1, code: null, signal: 'SIGKILL', outOfMemory: false, expected: false },
    })
    const repaired = plan({ observed: observed([seen(one), killed]) })
    expect(formatPlan(repaired)).toContain('+ start toy-2  killed by SIGKILL')
    expect(repaired.steps.find((step) => step.id === 'start toy-2')?.op).toMatchObject({ rejoin: true })
    expect(repaired.steps.some((step) => step.id === 'start toy-1')).toBe(false)
  })

  test('says that a removed node comes back on its old data', () => {
    expect(text({ observed: observed([seen(one)], ['toy-1', 'toy-2']) })).toContain('+ start toy-2  it is gone, its data is here')
  })

  test('restarts changed nodes one after the other and names the setting', () => {
    const old = (id: string) => node(id, { fingerprint: 'old', explain: [{ setting: 'retention', value: '1', origin: 'file', why: '' }] })
    const now = (id: string) => node(id, { explain: [{ setting: 'retention', value: '2', origin: 'file', why: '' }] })
    const rolled = plan({
      nodes: [now('toy-1'), now('toy-2')],
      observed: observed([seen(old('toy-1')), seen(old('toy-2'))]),
      previous: before(old('toy-1'), old('toy-2')),
    })
    expect(formatPlan(rolled)).toMatchInlineSnapshot(`
      "c:
        . fetch toy    2 to start
        + stop toy-1   retention 1 -> 2  (after fetch toy)
        + start toy-1  retention 1 -> 2  (after stop toy-1, fetch toy)
        + stop toy-2   retention 1 -> 2  (after fetch toy, wait toy-1)
        + start toy-2  retention 1 -> 2  (after stop toy-2, fetch toy)
        + seed toy     its declarations changed  (after usable toy, check-seeds toy)"
    `)
  })

  test('adds a node without touching the others', () => {
    const grown = plan({ observed: observed([seen(one)]), previous: before(one) })
    expect(grown.steps.filter((step) => step.changes).map((step) => step.id)).toEqual(['start toy-2', 'seed toy'])
  })

  test('refuses what would lose data, and does it on demand', () => {
    const three = node('toy-3')
    const shrunk = { observed: observed([seen(one), seen(two), seen(three)]), previous: before(one, two, three) }
    let thrown: unknown
    try {
      plan(shrunk)
    } catch (error) {
      thrown = error
    }
    expect(isDevclusterError(thrown) && thrown.code).toBe('RECREATE_NEEDED')
    expect(isDevclusterError(thrown) && thrown.message).toContain('toy-3 (member) would be removed')
    const recreated = plan({ ...shrunk, recreate: true })
    expect(recreated.steps.filter((step) => step.op.do === 'remove').map((step) => step.id)).toEqual([
      'remove toy-1',
      'remove toy-2',
      'remove toy-3',
    ])
    expect(recreated.steps.find((step) => step.id === 'start toy-1')?.needs).toContain('remove toy-3')
  })

  test('allows a higher version and refuses a lower one or another mode', () => {
    const at = (version: string, mode = 'a') => node('toy-1', { fingerprint: `${version}${mode}`, identity: { version, mode } })
    const go = (from: NodeSpec, to: NodeSpec) => () => plan({ nodes: [to], observed: observed([seen(from)]), previous: before(from) })
    expect(go(at('4.1.2'), at('4.10.0'))).not.toThrow()
    expect(go(at('4.10.0'), at('4.9.9'))).toThrow(/downgrade/)
    expect(go(at('4.1.2'), at('4.1.2', 'b'))).toThrow(/mode a -> b/)
  })

  test('lets a service wait until what it needs is seeded', () => {
    const app = node('app-1', { service: 'app' })
    const chained = plan({ nodes: [one, app], services: [service('toy', { hasSeeds: true }), service('app', { needs: ['toy'] })] })
    expect(chained.steps.find((step) => step.id === 'start app-1')?.needs).toContain('seed toy')
  })

  test('removes nodes of a service that left the file and keeps their data', () => {
    const gone = node('old-1', { service: 'old' })
    const left = plan({ observed: observed([seen(one), seen(two), seen(gone)]), previous: before(one, two, gone) })
    expect(left.steps.find((step) => step.id === 'remove old-1')?.op).toEqual({ do: 'remove', node: 'old-1', keepData: true })
  })

  test('resumes a paused node', () => {
    expect(text({ observed: observed([seen(one), seen(two, { state: 'frozen' })]) })).toContain('+ thaw toy-2  paused')
  })
})
