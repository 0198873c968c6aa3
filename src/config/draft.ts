// A cluster specification in the making: what the passes of normalise.ts read and write. Holds no rules.
import type { ErrorCode } from '../errors.ts'
import type { Finding, ServiceDefinition } from '../model/service.ts'
import type { ClusterSpec, ServiceSpec } from '../model/spec.ts'
import { type CommonServiceOptions, toResources } from './common-schema.ts'
import { type Diagnostic, diagnosticAt } from './diagnostic.ts'
import { type MapNode, nodeAt, type Path, spanAt, type TreeNode } from './tree.ts'

/** Another service that this one waits for, and where the document says so. */
export interface Need {
  readonly name: string
  readonly path: Path
  /** Kinds that will do; empty: any. */
  readonly kinds: readonly string[]
}

export interface DraftService {
  readonly name: string
  /** Where it stands in the document; of an implied service, where the one that implied it stands. */
  readonly path: Path
  /** Its entry; undefined for an implied service. */
  readonly node: TreeNode | undefined
  readonly implied: boolean
  kind: string
  definition: ServiceDefinition | undefined
  /** Without its own keys while these are still raw. */
  common: CommonServiceOptions
  /** Its own options after its schema; meaningless while `sound` is false. */
  options: unknown
  /** True while kind and options are known, or well guessed after a mistake that is reported. */
  sound: boolean
  /** Keys whose values are guesses: rules that speak of them prove nothing. */
  readonly doubts: Set<string>
  active: boolean
  needs: Need[]
  volumes: readonly string[]
}

export interface NormaliseRequest {
  readonly definitions: readonly ServiceDefinition[]
  /** Active profiles. */
  readonly profiles: ReadonlySet<string>
  /** The caller's runtime over the file's. */
  readonly runtime?: 'auto' | 'docker' | 'process' | undefined
  /** Folder of the first file; undefined for an object. */
  readonly dir?: string | undefined
  /** Folder that decides the default name. */
  readonly nameDir: string
  readonly id?: string | undefined
  readonly files: readonly string[]
  /** Folder for relative paths that no file supplied (defaults of a schema). */
  readonly cwd: string
}

export interface Problem {
  readonly severity?: 'error' | 'warning'
  readonly code?: ErrorCode
  readonly path: Path
  readonly at?: 'key' | 'value'
  readonly message: string
  readonly hint?: string | undefined
}

export class Draft {
  /** The document; a pass may mend it after reporting what was wrong. */
  root: MapNode
  readonly request: NormaliseRequest
  readonly definitions: ReadonlyMap<string, ServiceDefinition>
  readonly diagnostics: Diagnostic[] = []
  readonly services: DraftService[] = []
  /** Files named in options, absolute. */
  readonly references = new Set<string>()
  /** Absolute paths that the printed document shows instead of what was written, by path in the document. */
  readonly absolute = new Map<string, { path: Path; value: string }>()
  id = ''
  name = ''
  runtime: ClusterSpec['runtime'] = 'auto'
  bind: string | undefined
  mirrors: Readonly<Record<string, string>> = {}

  constructor(root: MapNode, request: NormaliseRequest) {
    this.root = root
    this.request = request
    this.definitions = new Map(request.definitions.map((definition) => [definition.kind, definition]))
  }

  report(problem: Problem): void {
    const span = spanAt(this.root, problem.path, problem.at)
    this.diagnostics.push(diagnosticAt(span, problem.path, { ...problem, message: problem.message + this.supplier(problem) }))
  }

  /** ` (from VAR)` for a value that a variable supplied: the file alone does not show it. */
  private supplier(problem: Problem): string {
    const node = problem.at === 'key' ? undefined : nodeAt(this.root, problem.path)
    return node?.type === 'scalar' && node.variables && node.variables.length > 0 ? ` (from ${node.variables.join(', ')})` : ''
  }

  /** A finding inside a service; that of an implied service points at the one that implied it. */
  reportIn(service: DraftService, finding: Omit<Finding, 'severity'> & { readonly severity?: Finding['severity'] }): void {
    if (service.implied)
      this.report({ ...finding, path: service.path, at: 'key', message: `${service.name} (implied): ${finding.message}` })
    else this.report({ ...finding, path: [...service.path, ...finding.path] })
  }

  get failed(): boolean {
    return this.diagnostics.some((item) => item.severity === 'error')
  }

  /** Services that take part: known well enough, and in an active profile. */
  get taking(): DraftService[] {
    return this.services.filter((service) => service.active && service.sound)
  }

  existing(): { name: string; kind: string }[] {
    return this.services.filter((service) => service.active).map(({ name, kind }) => ({ name, kind }))
  }
}

export function toServiceSpec(service: DraftService): ServiceSpec {
  const { common } = service
  return {
    name: service.name,
    kind: service.kind,
    options: service.options,
    needs: [...new Set(service.needs.map((need) => need.name))],
    ...(common.image !== undefined && { image: common.image }),
    env: common.env ?? {},
    resources: toResources(common.resources),
    volumes: service.volumes,
    ...(common.debug !== undefined && { debug: common.debug }),
    implied: service.implied,
  }
}

/** The specification as far as it is known; complete after the last pass. */
export function toClusterSpec(draft: Draft): ClusterSpec {
  const { dir, files } = draft.request
  return {
    id: draft.id,
    name: draft.name,
    ...(dir !== undefined && { dir }),
    files,
    runtime: draft.runtime,
    bind: draft.bind ?? '127.0.0.1',
    bindIsExplicit: draft.bind !== undefined,
    mirrors: draft.mirrors,
    services: draft.taking.map(toServiceSpec),
  }
}
