// Pulls images: through mirrors, with the user's credentials, with one progress figure per image. Never tags, builds or removes one.
import { DevclusterError, messageOf } from '../../errors.ts'
import type { NodeSpec } from '../../model/node.ts'
import type { ClusterRef, FetchProgress, PullOptions } from '../../model/runtime.ts'
import { mapLimit } from '../../util/async.ts'
import type { ImageDetails, PullMessage } from './api.ts'
import { containerLaunch } from './body.ts'
import { type DockerContext, diskFull } from './context.ts'
import { authHeader, credentialsFor } from './credentials.ts'
import { LineCutter } from './demux.ts'
import { surroundings } from './endpoint.ts'
import { type Engine, EngineError, isStatus, orAbsent } from './engine.ts'
import { parseReference, referenceInUse } from './reference.ts'

const AT_ONCE = 3

/** Adds up the layers of one pull. Sizes become known layer by layer, so the total grows at first. */
export class LayerSum {
  readonly #layers = new Map<string, { done: number; total: number }>()

  add(message: PullMessage): void {
    const { id, status } = message
    if (id === undefined || status === undefined) return
    const layer = this.#layers.get(id)
    if (status === 'Downloading') {
      const total = message.progressDetail?.total ?? layer?.total ?? 0
      this.#layers.set(id, { done: message.progressDetail?.current ?? layer?.done ?? 0, total })
    } else if (
      layer &&
      (status === 'Download complete' || status === 'Pull complete' || status === 'Verifying Checksum' || status === 'Extracting')
    ) {
      layer.done = layer.total
    }
  }

  get doneBytes(): number {
    return [...this.#layers.values()].reduce((sum, layer) => sum + layer.done, 0)
  }

  /** Undefined before the first size is known. */
  get totalBytes(): number | undefined {
    const total = [...this.#layers.values()].reduce((sum, layer) => sum + layer.total, 0)
    return total === 0 ? undefined : total
  }
}

export type PullFailure = 'not-found' | 'unauthorised' | 'network' | 'disk-full' | 'platform' | 'reference' | 'other'

/** What kind of failure an engine's words mean. */
export function classifyPull(message: string): PullFailure {
  if (/no space left on device/i.test(message)) return 'disk-full'
  if (/no matching manifest|does not match the specified platform|no match for platform/i.test(message)) return 'platform'
  if (/invalid reference format|invalid tag format|repository name must/i.test(message)) return 'reference'
  // Docker Hub says "pull access denied ... repository does not exist or may require 'docker login'" for both: it hides private names.
  if (/unauthorized|authentication required|no basic auth|access denied|denied:|403 forbidden|401/i.test(message)) return 'unauthorised'
  if (/manifest unknown|not found|does not exist|name unknown|404/i.test(message)) return 'not-found'
  if (
    /dial tcp|no such host|i\/o timeout|connection (?:refused|reset)|TLS handshake|x509|server gave HTTP response|EOF|Client\.Timeout|network is unreachable|proxyconnect|toomanyrequests|50[234] /i.test(
      message,
    )
  ) {
    return 'network'
  }
  return 'other'
}

function pullError(reference: string, nodes: readonly string[], thrown: unknown): DevclusterError {
  const message = messageOf(thrown)
  const kind = classifyPull(message)
  if (kind === 'disk-full') return diskFull(`pulling ${reference}`, thrown)
  const registry = parseReference(reference).registry
  const text: Readonly<Record<Exclude<PullFailure, 'disk-full'>, { why: string; hint: string }>> = {
    'not-found': {
      why: 'the registry does not have it',
      hint: 'correct `version:` or `image:` in the cluster file, or the registry under `mirrors:`',
    },
    unauthorised: {
      why: 'the registry refused access (or has no such image, which some registries do not tell apart)',
      hint: `log in with \`docker login ${registry}\`, and check the image's name`,
    },
    network: {
      why: `the engine cannot reach ${registry}`,
      hint: 'check the network and proxy of the container engine, name a reachable registry under `mirrors:`, or do without containers: --runtime process',
    },
    platform: {
      why: "the image does not exist for the engine's platform",
      hint: 'choose a version that exists for it, or set DOCKER_DEFAULT_PLATFORM to one that the engine can emulate',
    },
    reference: { why: 'that is not a valid image name', hint: 'correct `image:` or `mirrors:` in the cluster file' },
    other: { why: 'the engine failed', hint: "see the engine's own log" },
  }
  const { why, hint } = text[kind]
  return new DevclusterError('FETCH_FAILED', `cannot pull ${reference} for ${nodes.join(', ')}: ${why}: ${message}`, {
    node: nodes[0],
    hint,
    data: { image: reference, cause: kind, nodes },
    cause: thrown,
  })
}

/** Reads the pull's messages to the end; an error is in the stream, after a 200. */
async function pull(engine: Engine, reference: string, signal: AbortSignal, onMessage: (message: PullMessage) => void): Promise<void> {
  const { registry, tag, digest } = parseReference(reference)
  const auth = await credentialsFor(registry, surroundings(), signal)
  const platform = process.env['DOCKER_DEFAULT_PLATFORM']
  const bare = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  const body = await engine.stream('POST', '/images/create', {
    query: {
      fromImage: tag === undefined && digest === undefined ? reference : bare,
      tag: digest ?? tag ?? 'latest',
      platform: platform || undefined,
    },
    headers: auth ? { 'X-Registry-Auth': authHeader(auth) } : {},
    signal,
  })
  const lines = new LineCutter()
  const take = (line: string) => {
    if (line.trim() === '') return
    const message: PullMessage = JSON.parse(line)
    const failure = message.errorDetail?.message ?? message.error
    if (failure !== undefined) throw new EngineError(200, failure)
    onMessage(message)
  }
  try {
    for await (const chunk of body) if (Buffer.isBuffer(chunk)) lines.push(chunk).forEach(take)
    lines.rest().forEach(take)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

/** Pulls the images of these nodes that the engine lacks (all of them with `always`). @throws FETCH_FAILED, DISK_FULL. */
export async function fetch(
  context: DockerContext,
  cluster: ClusterRef,
  nodes: readonly NodeSpec[],
  options: PullOptions,
  signal: AbortSignal,
  onProgress: (progress: FetchProgress) => void,
): Promise<void> {
  const { engine } = await context.connect(signal)
  const wanted = new Map<string, string[]>()
  for (const node of nodes) {
    const reference = referenceInUse(containerLaunch(node).image, cluster.mirrors)
    wanted.set(reference, [...(wanted.get(reference) ?? []), node.id])
  }
  await mapLimit([...wanted], AT_ONCE, async ([reference, users]) => {
    signal.throwIfAborted()
    try {
      if (!options.always && (await orAbsent(engine.get<ImageDetails>(`/images/${reference}/json`, { signal })))) return
      const sum = new LayerSum()
      await pull(engine, reference, signal, (message) => {
        sum.add(message)
        const totalBytes = sum.totalBytes
        if (totalBytes !== undefined) onProgress({ what: reference, doneBytes: sum.doneBytes, totalBytes })
      })
      // Some engines end the stream early without an error when their disk fills up: only the image itself proves the pull.
      await engine.get<ImageDetails>(`/images/${reference}/json`, { signal })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof EngineError || isStatus(error, 404)) throw pullError(reference, users, error)
      throw error
    }
  })
}
