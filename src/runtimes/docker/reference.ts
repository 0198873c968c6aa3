// Image references: parts, and the reference used in place of them when a registry is mirrored. Pure.
// Grammar: github.com/distribution/reference; familiar names (`redis`) stand for docker.io/library/redis.

export interface ImageReference {
  /** `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string
  /** Path without registry, tag and digest: `apache/kafka`, `library/redis`. */
  readonly path: string
  readonly tag?: string
  /** `sha256:...` */
  readonly digest?: string
}

const DEFAULT_REGISTRY = 'docker.io'

/** Splits a reference. It does not judge it: the engine refuses a malformed one in its own words. */
export function parseReference(image: string): ImageReference {
  const at = image.indexOf('@')
  const digest = at < 0 ? undefined : image.slice(at + 1)
  const named = at < 0 ? image : image.slice(0, at)
  const slash = named.indexOf('/')
  const first = slash < 0 ? '' : named.slice(0, slash)
  // Only a first part with a dot, a port or `localhost` is a registry: `apache/kafka` is not.
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost'
  const registry = hasRegistry ? (first === 'index.docker.io' ? DEFAULT_REGISTRY : first) : DEFAULT_REGISTRY
  const rest = hasRegistry ? named.slice(slash + 1) : named
  const colon = rest.lastIndexOf(':')
  const tag = colon > rest.lastIndexOf('/') ? rest.slice(colon + 1) : undefined
  const bare = tag === undefined ? rest : rest.slice(0, colon)
  const path = registry === DEFAULT_REGISTRY && !bare.includes('/') ? `library/${bare}` : bare
  return { registry, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** The reference an engine is asked for: through a mirror where its registry has one, else as written. Nothing is ever tagged with the original name. */
export function referenceInUse(image: string, mirrors: Readonly<Record<string, string>>): string {
  const parts = parseReference(image)
  const replacement = Object.entries(mirrors).find(
    ([host]) => (host === 'index.docker.io' ? DEFAULT_REGISTRY : host) === parts.registry,
  )?.[1]
  if (replacement === undefined) return image
  const suffix = `${parts.tag === undefined ? '' : `:${parts.tag}`}${parts.digest === undefined ? '' : `@${parts.digest}`}`
  return `${replacement.replace(/^https?:\/\//, '').replace(/\/+$/, '')}/${parts.path}${suffix}`
}
