// What every runtime owes the engine, said once and asked of all of them. How a runtime's nodes look from outside is told by its world.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeSpec } from '../../src/model/node.ts'
import type { NodePlace } from '../../src/model/placement.ts'
import type { ClusterRef, LogLine, NodeExit, Observed, OwnerRef, Runtime } from '../../src/model/runtime.ts'
import type { NodeShape } from '../../src/model/shape.ts'
import { specOf, toyShape, until } from './worlds.ts'

/** The surroundings of one test: a runtime, a fresh cluster, and a look at what is really there. */
export interface RuntimeWorld {
  /** Another runtime object over the same world, as another process would have it. */
  runtime(): Runtime
  cluster(name: string, owner?: OwnerRef): Promise<ClusterRef>
  /** A toy server (test/helpers/toy-server.mjs) with these TOY_* settings. */
  node(shape: NodeShape, place: NodePlace, settings: Readonly<Record<string, string>>): NodeSpec
  /** Sends one line to a toy and returns its answer; undefined where nodes serve nothing. */
  readonly ask?: (node: NodeSpec, line: string) => Promise<string>
  /** Ends a node behind the runtime's back, as kill -9 would. */
  die(cluster: ClusterRef, node: string): Promise<void>
  /** Everything that still carries the cluster's id: processes, containers, networks, volumes, folders. */
  left(cluster: ClusterRef): Promise<readonly string[]>
  dispose(): Promise<void>
}

const NOTHING: Observed = { nodes: {}, data: [] }
const KILL = { style: 'kill', graceMs: 0 } as const

async function all(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const texts: string[] = []
  for await (const line of lines) texts.push(line.text)
  return texts
}

export function describeRuntime(name: string, makeWorld: () => Promise<RuntimeWorld>, options: { real: boolean }): void {
  describe(`runtime ${name}`, () => {
    let world: RuntimeWorld
    let runtime: Runtime
    let cluster: ClusterRef
    const made: ClusterRef[] = []
    const { signal } = new AbortController()
    const real = it.runIf(options.real)

    const newCluster = async (clusterName: string, owner?: OwnerRef) => {
      const ref = await world.cluster(clusterName, owner)
      made.push(ref)
      return ref
    }
    const placed = async (shapes: readonly NodeShape[], ref = cluster, known: Observed = NOTHING) =>
      await runtime.place(ref, specOf(ref), shapes, { observed: known })
    const toy = async (settings: Readonly<Record<string, string>> = {}, ref = cluster) => {
      const shape = toyShape(1)
      const place = (await placed([shape], ref, await runtime.observe(ref)))['toy-1']
      if (!place) throw new Error('no place')
      return world.node(shape, place, settings)
    }
    const ask = (node: NodeSpec, line: string) => until(async () => await world.ask?.(node, line).catch(() => undefined))
    const serving = (node: NodeSpec) => (world.ask ? ask(node, 'HELLO') : Promise.resolve('READY'))

    beforeEach(async () => {
      world = await makeWorld()
      runtime = world.runtime()
      cluster = await newCluster('conform')
    })
    afterEach(async () => {
      for (const ref of made.splice(0)) await runtime.destroy(ref, { keepData: false })
      await world.dispose()
    })

    it('a check must say what it is', async () => {
      const info = await runtime.check(signal)
      expect(info.name).toBe(runtime.name)
      expect(info.description).not.toBe('')
    })

    it('nothing must be there before the first start', async () => {
      expect(await runtime.observe(cluster)).toEqual(NOTHING)
    })

    it('two nodes must get different ports, and the same again', async () => {
      const shapes = [toyShape(1), toyShape(2)]
      const first = await placed(shapes)
      const ports = shapes.map(({ id }) => first[id]?.ports['client']?.host?.port)
      expect(new Set(ports).size).toBe(2)
      const second = await runtime.place(cluster, specOf(cluster), shapes, { observed: NOTHING, previous: first })
      expect(second).toEqual(first)
    })

    it('a started node must be observed running, with its fingerprint and ports', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const seen = (await runtime.observe(cluster)).nodes['toy-1']
      expect(seen).toMatchObject({ id: 'toy-1', service: 'toy', state: 'running', fingerprint: node.fingerprint })
      expect(seen?.hostPorts['client']).toBe(node.place.ports['client']?.host?.port)
      expect(seen?.exit).toBeUndefined()
    })

    it('starting twice must leave the first process alone, also from another runtime object', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const before = (await runtime.observe(cluster)).nodes['toy-1']
      await runtime.start(cluster, node, signal)
      await world.runtime().start(cluster, node, signal)
      expect((await world.runtime().observe(cluster)).nodes['toy-1']).toEqual(before)
      if (world.ask) expect(await ask(node, 'STARTS')).toBe('1')
    })

    it('another fingerprint must replace the node and keep its data', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const changed: NodeSpec = { ...node, fingerprint: 'another' }
      await runtime.start(cluster, changed, signal)
      await serving(changed)
      const seen = (await runtime.observe(cluster)).nodes['toy-1']
      expect(seen).toMatchObject({ state: 'running', fingerprint: 'another' })
      if (world.ask) expect(await ask(changed, 'STARTS')).toBe('2')
    })

    it('stopping must end the node in order; stopping again must be content', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.stop(cluster, node, { style: 'graceful', graceMs: 5_000 })
      const seen = (await runtime.observe(cluster)).nodes['toy-1']
      expect(seen).toMatchObject({ state: 'stopped', exit: { node: 'toy-1', code: 0, expected: true, outOfMemory: false } })
      await runtime.stop(cluster, node, { style: 'graceful', graceMs: 5_000 })
      await runtime.stop(cluster, node, KILL)
      expect((await runtime.observe(cluster)).nodes['toy-1']).toEqual(seen)
    })

    real('a node that ignores the stop signal must be killed after its grace', async () => {
      const node = await toy({ TOY_IGNORE_SIGTERM: '1' })
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.stop(cluster, node, { style: 'graceful', graceMs: 200 })
      const exit = (await runtime.observe(cluster)).nodes['toy-1']?.exit
      expect(exit?.expected).toBe(true)
      expect(exit?.signal === 'SIGKILL' || exit?.code === 137).toBe(true)
    })

    it('a killed node must come back on the same port with its data', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      if (world.ask) expect(await ask(node, 'PUT colour green')).toBe('OK')
      await runtime.stop(cluster, node, KILL)
      const again = await toy()
      expect(again.place).toEqual(node.place)
      await runtime.start(cluster, again, signal)
      await serving(again)
      if (world.ask) expect(await ask(again, 'GET colour')).toBe('green')
      expect((await runtime.observe(cluster)).data).toEqual(['toy-1'])
    })

    it('the end of a node must be told once to whoever listens, and say that nobody asked for it', async () => {
      const node = await toy()
      const stop = new AbortController()
      const told: NodeExit[] = []
      const listening = (async () => {
        for await (const exit of runtime.exits(cluster, stop.signal)) told.push(exit)
      })()
      await runtime.start(cluster, node, signal)
      await serving(node)
      await world.die(cluster, 'toy-1')
      await until(async () => told.length > 0)
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.stop(cluster, node, KILL)
      await until(async () => told.length > 1)
      stop.abort()
      await listening
      expect(told.map(({ node: id, expected }) => [id, expected])).toEqual([
        ['toy-1', false],
        ['toy-1', true],
      ])
    })

    real('a node that ends by itself must leave its exit code', async () => {
      const node = await toy({ TOY_EXIT_CODE: '7' })
      await runtime.start(cluster, node, signal)
      const exit = await until(async () => (await runtime.observe(cluster)).nodes['toy-1']?.exit)
      expect(exit).toMatchObject({ code: 7, signal: null, expected: false, outOfMemory: false })
      expect((await all(runtime.logs(cluster, 'toy-1', { follow: false }))).at(-1)).toContain('told to end with code 7')
    })

    it('an aborted start must start nothing', async () => {
      const node = await toy()
      await expect(runtime.start(cluster, node, AbortSignal.abort(new Error('no more')))).rejects.toThrow('no more')
      expect((await runtime.observe(cluster)).nodes).toEqual({})
    })

    it('a frozen node must be seen frozen and go on after the thaw', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.freeze(cluster, node)
      expect((await runtime.observe(cluster)).nodes['toy-1']?.state).toBe('frozen')
      await runtime.thaw(cluster, node)
      expect((await runtime.observe(cluster)).nodes['toy-1']?.state).toBe('running')
      expect(await serving(node)).toContain('READY')
    })

    real('a frozen node must be stoppable', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.freeze(cluster, node)
      await runtime.stop(cluster, node, { style: 'kill', graceMs: 0 })
      expect((await runtime.observe(cluster)).nodes['toy-1']?.state).toBe('stopped')
    })

    real('log lines must come in order, from the end on demand, and as they are written', async () => {
      const node = await toy({ TOY_LOG_LINES: '300' })
      await runtime.start(cluster, node, signal)
      await serving(node)
      const texts = await all(runtime.logs(cluster, 'toy-1', { follow: false }))
      const numbers = texts.flatMap((text) => (/ line (\d+)$/.exec(text)?.[1] ? [Number(/ line (\d+)$/.exec(text)?.[1])] : []))
      expect(numbers).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
      const tail = await all(runtime.logs(cluster, 'toy-1', { follow: false, tail: 2 }))
      expect(tail).toEqual(texts.slice(-2))
      const stop = new AbortController()
      const followed: string[] = []
      const following = (async () => {
        for await (const line of runtime.logs(cluster, 'toy-1', { follow: true, tail: 1, signal: stop.signal })) followed.push(line.text)
      })()
      await until(async () => followed.length === 1)
      await ask(node, 'LOG first thing')
      await ask(node, 'LOG second thing')
      await until(async () => followed.length === 3)
      stop.abort()
      await following
      expect(followed[1]).toContain('first thing')
      expect(followed[2]).toContain('second thing')
    })

    real('only lines since a time must be told on demand', async () => {
      const node = await toy({ TOY_LOG_LINES: '3' })
      await runtime.start(cluster, node, signal)
      await serving(node)
      // Times of lines may be known to a quarter of a second only.
      await new Promise((resolve) => setTimeout(resolve, 700))
      const sinceMs = Date.now()
      await new Promise((resolve) => setTimeout(resolve, 50))
      await ask(node, 'LOG afterwards')
      const lines = await until(async () => {
        const found = await all(runtime.logs(cluster, 'toy-1', { follow: false, sinceMs }))
        return found.length > 0 && found
      })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain('afterwards')
    })

    real('exec must pass arguments, input, output and exit codes through', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const result = await runtime.exec(cluster, node, ['sh', '-c', 'cat; echo "$1" >&2; exit 7', 'sh', 'two words'], { input: 'in ' })
      expect(result).toEqual({ exitCode: 7, stdout: 'in ', stderr: 'two words\n' })
      const chunks: string[] = []
      const streamed = await runtime.exec(cluster, node, ['sh', '-c', 'echo $COLOUR'], {
        env: { COLOUR: 'green' },
        onStdout: (chunk) => chunks.push(Buffer.from(chunk).toString('utf8')),
      })
      expect(streamed).toEqual({ exitCode: 0, stdout: '', stderr: '' })
      expect(chunks.join('')).toBe('green\n')
    })

    real('an aborted exec must end the program', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const stop = new AbortController()
      const running = runtime.exec(cluster, node, ['sh', '-c', 'echo up; sleep 60'], {
        signal: stop.signal,
        onStdout: () => stop.abort(new Error('enough')),
      })
      const begin = performance.now()
      await expect(running).rejects.toThrow('enough')
      expect(performance.now() - begin).toBeLessThan(20_000)
    })

    it('stats must say what a node uses', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const stats = await runtime.stats(cluster, 'toy-1')
      expect(stats.node).toBe('toy-1')
      if (options.real) expect(stats.rssBytes).toBeGreaterThan(5_000_000)
    })

    it('the cluster must be listed by id and name while it has nodes', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      const listed = (await world.runtime().list()).find(({ id }) => id === cluster.id)
      expect(listed?.name).toBe(cluster.name)
      expect(listed?.nodes.map(({ id }) => id)).toEqual(['toy-1'])
    })

    it('removing a running node must end it, and keep its data on demand', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.remove(cluster, 'toy-1', { keepData: true })
      expect(await runtime.observe(cluster)).toEqual({ nodes: {}, data: ['toy-1'] })
      await runtime.remove(cluster, 'toy-1', { keepData: false })
      await runtime.remove(cluster, 'toy-1', { keepData: false })
      expect(await runtime.observe(cluster)).toEqual(NOTHING)
    })

    it('destroying must leave nothing, twice, and not touch another cluster', async () => {
      const other = await newCluster('other')
      const [node, neighbour] = [await toy(), await toy({}, other)]
      await runtime.start(cluster, node, signal)
      await runtime.start(other, neighbour, signal)
      await serving(node)
      await serving(neighbour)
      const { removed } = await runtime.destroy(cluster, { keepData: false })
      expect(removed.length).toBeGreaterThan(0)
      expect(await world.left(cluster)).toEqual([])
      await runtime.destroy(cluster, { keepData: false })
      expect((await runtime.observe(other)).nodes['toy-1']?.state).toBe('running')
      expect(await serving(neighbour)).toContain('READY')
    })

    it('destroying must keep the data on demand, for the next start', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      await runtime.destroy(cluster, { keepData: true })
      expect((await runtime.observe(cluster)).data).toEqual(['toy-1'])
      expect((await runtime.observe(cluster)).nodes).toEqual({})
      const again = await toy()
      await runtime.start(cluster, again, signal)
      await serving(again)
      if (world.ask) expect(await ask(again, 'STARTS')).toBe('2')
    })

    real('a fixed port that is taken must name its owner, and nothing be started', async () => {
      const node = await toy()
      await runtime.start(cluster, node, signal)
      await serving(node)
      const port = node.place.ports['client']?.host?.port ?? 0
      const other = await newCluster('other')
      await expect(placed([toyShape(1, port)], other)).rejects.toMatchObject({ code: 'PORT_TAKEN', node: 'toy-1', data: { port } })
      await expect(placed([toyShape(1, port)], other)).rejects.toThrow(/pid \d+|a container/)
    })

    real('a memory limit that kills a node must be told as such', async () => {
      const node: NodeSpec = { ...(await toy()), resources: { memoryBytes: 150_000_000 } }
      await runtime.start(cluster, node, signal)
      await serving(node)
      await world.ask?.(node, 'ALLOC 300').catch(() => undefined)
      const exit = await until(async () => (await runtime.observe(cluster)).nodes['toy-1']?.exit)
      expect(exit).toMatchObject({ outOfMemory: true, expected: false })
    })
  })
}
