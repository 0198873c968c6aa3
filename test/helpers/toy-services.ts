// Two small services for tests of the core, which must work with any. `toy`: N nodes of test/helpers/toy-server.mjs.
// `pair`: a main and a follower that starts after it; refers to a toy by name, and brings one when there is none.
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { NodeDraft, NodeSpec } from '../../src/model/node.ts'
import { formatAddress } from '../../src/model/placement.ts'
import type { Verdict } from '../../src/model/probe.ts'
import { defineService, hostAddress, type RenderContext } from '../../src/model/service.ts'
import type { NodeShape } from '../../src/model/shape.ts'

const SERVER = fileURLToPath(new URL('./toy-server.mjs', import.meta.url))
/** Image of the container side: anything with `node` on PATH; the script arrives as a file. */
export const TOY_IMAGE = 'devcluster-test/toy'
const CONTAINER_PORT = 7000

export interface ToyOptions {
  readonly nodes: number
  readonly port: 'auto' | number
  readonly message?: string | undefined
  readonly data?: string | undefined
  readonly mode: 'plain' | 'loud'
  /** Milliseconds until a node listens. */
  readonly delayMs: number
  readonly labels: Readonly<Record<string, string>>
  readonly seeds: Readonly<Record<string, { readonly file?: string | undefined; readonly copies: number }>>
}

const seed = z.union([
  z.string().transform((file) => ({ file, copies: 1 })),
  z.strictObject({ file: z.string().optional(), copies: z.int().min(1).max(99).default(1) }),
])

export const toySchema: z.ZodType<ToyOptions> = z.strictObject({
  nodes: z.int().min(1).max(9).default(1).describe('Number of nodes.'),
  port: z
    .union([z.literal('auto'), z.int().min(1).max(65535)])
    .default('auto')
    .describe('Port of the first node, or `auto`.'),
  message: z.string().optional().describe('What a node answers to MESSAGE.'),
  data: z.string().optional().describe('A file whose content every node gets.'),
  mode: z.enum(['plain', 'loud']).default('plain').describe('How much it writes to its log.'),
  delayMs: z.int().min(0).default(0).describe('Milliseconds until a node listens.'),
  labels: z.record(z.string(), z.string()).default({}).describe('Any texts.'),
  seeds: z
    .record(z.string().regex(/^[a-z]+$/, 'expected lower-case letters'), seed)
    .default({})
    .describe('Things to put in.'),
})

function shapeOf(
  service: string,
  kind: string,
  role: string,
  index: number,
  port: 'auto' | number,
  after: NodeShape['after'] = [],
): NodeShape {
  return {
    id: `${service}-${role === 'member' ? index : role}`,
    service,
    kind,
    role,
    index,
    ports: { client: { container: CONTAINER_PORT, published: true, ...(port !== 'auto' && { wanted: port + index - 1 }) } },
    after,
    stopRank: role === 'main' ? 1 : 0,
    containerData: '/data',
  }
}

function renderToy(node: NodeShape, context: RenderContext, settings: Readonly<Record<string, string>>): NodeDraft {
  const place = context.placement[node.id]
  const port = place?.ports['client']
  if (!place || !port) throw new Error(`${node.id} has no place`)
  const peers = context.shapes
    .filter((shape) => shape.service === node.service && shape.id !== node.id)
    .map((shape) => `${shape.id}=${formatAddress(context.placement[shape.id]?.ports['client']?.peer ?? { host: 'nowhere', port: 0 })}`)
  const lines = {
    TOY_ID: node.id,
    TOY_HOST: port.listen.host,
    TOY_PORT: String(port.listen.port),
    TOY_DATA: place.dirs.data,
    TOY_PEERS: peers.join(','),
    ...settings,
  }
  const script = `${place.dirs.config}/toy-server.mjs`
  const args = [script, `${place.dirs.config}/toy.env`]
  return {
    launch:
      context.via === 'container'
        ? { via: 'container', image: context.service.image ?? TOY_IMAGE, entrypoint: ['node'], argv: args }
        : {
            via: 'process',
            distribution: { from: 'path', id: 'node', program: 'node', hint: 'install Node.js' },
            program: { type: 'native', args },
          },
    env: context.service.env,
    files: [
      { dir: 'config', path: 'toy-server.mjs', content: readFileSync(SERVER, 'utf8') },
      {
        dir: 'config',
        path: 'toy.env',
        content: `${Object.entries(lines)
          .map(([key, value]) => `${key}=${value}\n`)
          .join('')}`,
        mode: 0o600,
      },
    ],
    stop: { signal: 'SIGTERM', graceMs: 2_000 },
    commands: {},
    explain: [],
    resources: context.service.resources,
    volumes: context.service.volumes,
    identity: {},
    facts: {},
  }
}

/** One question and its answer over the toy's line protocol. */
export function askToy(host: string, port: number, line: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    let reply = ''
    const onAbort = () => socket.destroy(new Error('aborted'))
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`${line}\n`))
    socket.on('data', (chunk) => {
      reply += String(chunk)
      if (reply.includes('\n')) {
        resolve(reply.slice(0, reply.indexOf('\n')))
        socket.destroy()
      }
    })
    socket.on('error', reject)
    socket.on('close', () => {
      signal?.removeEventListener('abort', onAbort)
      reject(new Error(`no answer to ${line}`))
    })
  })
}

function probeToy(node: NodeSpec): (signal: AbortSignal) => Promise<Verdict> {
  return async (signal) => {
    try {
      const { host, port } = hostAddress(node, 'client')
      const answer = await askToy(host, port, 'HELLO', signal)
      return answer === `READY ${node.id}` ? { ready: true } : { ready: false, why: `answered ${answer}` }
    } catch (error) {
      return { ready: false, why: error instanceof Error ? error.message : String(error) }
    }
  }
}

export const toy = defineService<ToyOptions>({
  kind: 'toy',
  summary: 'A small server for tests.',
  runs: ['container', 'process'],
  schema: toySchema,
  filePaths: [['data'], ['seeds', '*', 'file']],
  check(service) {
    return Object.entries(service.options.seeds).flatMap(([name, { copies }]) =>
      copies > service.options.nodes
        ? [
            {
              severity: 'error' as const,
              path: ['seeds', name, 'copies'],
              message: `seeds.${name}.copies: ${copies} copies need ${copies} nodes, there ${service.options.nodes === 1 ? 'is' : 'are'} ${service.options.nodes}`,
              hint: `set nodes: ${copies}, or fewer copies`,
            },
          ]
        : [],
    )
  },
  shape: (service) =>
    Array.from({ length: service.options.nodes }, (_, index) => shapeOf(service.name, 'toy', 'member', index + 1, service.options.port)),
  render(node, context) {
    const { options } = context.service
    const data = options.data !== undefined && existsSync(options.data) ? readFileSync(options.data, 'utf8').split('\n')[0] : undefined
    const message = options.message ?? data
    return renderToy(node, context, {
      ...(message !== undefined && { TOY_MESSAGE: message }),
      ...(options.delayMs > 0 && { TOY_DELAY_MS: String(options.delayMs) }),
      ...(options.mode === 'loud' && { TOY_LOG_LINES: '100' }),
    })
  },
  endpoints: ({ nodes }) => [
    { name: 'ADDRESS', host: nodes.map((node) => formatAddress(hostAddress(node, 'client'))).join(','), secret: false },
  ],
  probe: probeToy,
  readyWithinMs: 10_000,
  describe: (service) => `${service.options.nodes} nodes`,
})

export interface PairOptions {
  readonly toy?: string | undefined
  readonly port: 'auto' | number
}

export const pair = defineService<PairOptions>({
  kind: 'pair',
  summary: 'Two nodes, one after the other, that need a toy. Processes only.',
  runs: ['process'],
  schema: z.strictObject({
    toy: z.string().optional().describe('The toy it uses. Default: the only one, else one of its own.'),
    port: z
      .union([z.literal('auto'), z.int().min(1).max(65535)])
      .default('auto')
      .describe('Port of the main node, or `auto`.'),
  }),
  references(options, existing) {
    const toys = existing.filter((other) => other.kind === 'toy')
    const only = toys.length === 1 ? toys[0]?.name : undefined
    const name = options.toy ?? only
    return name === undefined ? [] : [{ path: ['toy'], name, kinds: ['toy'] }]
  },
  implies(service, existing): Record<string, { kind: string; options: Record<string, unknown> }> {
    if (service.options.toy !== undefined || existing.some((other) => other.kind === 'toy')) return {}
    return { toy: { kind: 'toy', options: {} } }
  },
  shape: (service) => [
    shapeOf(service.name, 'pair', 'main', 1, service.options.port),
    shapeOf(service.name, 'pair', 'follower', 1, 'auto', [{ node: `${service.name}-main`, until: 'ready' }]),
  ],
  render: (node, context) => renderToy(node, context, {}),
  endpoints: ({ nodes }) =>
    nodes.slice(0, 1).map((node) => ({ name: 'ADDRESS', host: formatAddress(hostAddress(node, 'client')), secret: false })),
  probe: probeToy,
  readyWithinMs: 10_000,
})

/** Both, as a registry. */
export const toyDefinitions = [toy, pair]
