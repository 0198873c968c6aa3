// The world of the conformance suite on an engine of containers: toys in containers, and a look at what the engine holds. Knows no test.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NodeSpec } from '../../src/model/node.ts'
import type { Runtime } from '../../src/model/runtime.ts'
import type { ContainerSummary, NetworkDetails } from '../../src/runtimes/docker/api.ts'
import type { Connection } from '../../src/runtimes/docker/connect.ts'
import { filters } from '../../src/runtimes/docker/engine.ts'
import { node as plainNode } from '../helpers/nodes.ts'
import { ensureToyImage } from '../helpers/toy-image.ts'
import type { RuntimeWorld } from './describe-runtime.ts'

const SERVER = fileURLToPath(new URL('../helpers/toy-server.mjs', import.meta.url))

/** One line, one answer; a port that the engine publishes accepts before anything listens behind it, so silence is a failure. */
function askToy(node: NodeSpec, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const address = node.place.ports['client']?.host
    if (!address) throw new Error('no port')
    const socket = connect(address.port, address.host)
    let text = ''
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')))
    socket.on('connect', () => socket.write(`${line}\n`))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (!text.endsWith('\n')) return
      resolve(text.slice(0, -1))
      socket.destroy()
    })
  })
}

/** `runtime` makes runtimes that use the engine of the connection. */
export async function containerWorld({ engine }: Connection, runtime: () => Runtime): Promise<RuntimeWorld> {
  const [home, image, server] = [
    await mkdtemp(join(tmpdir(), 'devcluster-test-')),
    await ensureToyImage(engine),
    await readFile(SERVER, 'utf8'),
  ]
  return {
    runtime,
    cluster: async (name, owner) => {
      const id = `${name}-${randomUUID().slice(0, 8)}`
      return { id, name, stateDir: join(home, 'clusters', id), bind: '127.0.0.1', mirrors: {}, ...(owner ? { owner } : {}) }
    },
    node: (shape, place, settings) => ({
      ...plainNode(shape.id),
      shape,
      place,
      launch: {
        via: 'container',
        image,
        entrypoint: ['/bin/node', `${place.dirs.config}/toy-server.mjs`, `${place.dirs.config}/toy.conf`],
      },
      stop: { signal: 'SIGTERM', graceMs: 5_000 },
      files: [
        { dir: 'config', path: 'toy-server.mjs', content: server },
        {
          dir: 'config',
          path: 'toy.conf',
          content: Object.entries({
            TOY_ID: shape.id,
            TOY_HOST: place.ports['client']?.listen.host,
            TOY_PORT: place.ports['client']?.listen.port,
            TOY_DATA: place.dirs.data,
            ...settings,
          })
            .map(([key, value]) => `${key}=${value}\n`)
            .join(''),
        },
      ],
    }),
    ask: askToy,
    die: async (cluster, node) => {
      await engine.post(`/containers/devcluster-${cluster.id}-${node}/kill`, { query: { signal: 'SIGKILL' } })
    },
    left: async (cluster) => {
      const query = { filters: filters({ label: [`devcluster.cluster=${cluster.id}`] }) }
      const [containers, networks, volumes] = await Promise.all([
        engine.get<ContainerSummary[]>('/containers/json', { query: { all: true, ...query } }),
        engine.get<NetworkDetails[]>('/networks', { query }),
        engine.get<{ Volumes: { Name: string }[] | null }>('/volumes', { query }),
      ])
      return [...containers.map((one) => one.Id), ...networks.map((one) => one.Name), ...(volumes.Volumes ?? []).map((one) => one.Name)]
    },
    dispose: () => rm(home, { recursive: true, force: true }),
  }
}
