// Passes: entries under `services:` -> kinds, common keys, options through each kind's own schema. Looks at each service alone.
import { COMMON_KEYS, commonServiceSchema, NAME_PATTERN } from '../common-schema.ts'
import type { Draft, DraftService } from '../draft.ts'
import { without } from '../merge.ts'
import { repair } from '../repair.ts'
import { didYouMean, orList } from '../suggest.ts'
import type { MapNode, TreeNode } from '../tree.ts'
import { validate } from '../validate.ts'

/** Every entry becomes a draft of a service. */
export function collectServices(draft: Draft): void {
  const entry = draft.root.entries.get('services')
  if (
    !entry ||
    (entry.value.type === 'scalar' && entry.value.value === null) ||
    (entry.value.type === 'map' && entry.value.entries.size === 0)
  ) {
    const kinds = [...draft.definitions.keys()]
    draft.report({
      path: ['services'],
      at: 'key',
      message: 'services: names no service',
      hint: `name at least one, such as ${orList(kinds, 6)}`,
    })
    return
  }
  if (entry.value.type !== 'map') {
    draft.report({
      path: ['services'],
      message: `services: expected a map of services, got ${entry.value.type === 'list' ? 'a list' : 'a single value'}`,
    })
    return
  }
  for (const [name, { value }] of entry.value.entries) {
    const path = ['services', name]
    if (!NAME_PATTERN.test(name)) {
      const hint = 'names have lower-case letters, digits and hyphens, at most 31, not beginning with a hyphen'
      draft.report({ path, at: 'key', message: `${JSON.stringify(name)} cannot be the name of a service`, hint })
    }
    draft.services.push(createService(name, value))
  }
}

function createService(name: string, node: TreeNode): DraftService {
  return {
    name,
    path: ['services', name],
    node,
    implied: false,
    kind: name,
    definition: undefined,
    common: {},
    options: {},
    sound: true,
    doubts: new Set(),
    active: true,
    needs: [],
    volumes: [],
  }
}

/** An entry without options is a service with defaults. */
function optionsOf(service: DraftService): MapNode | undefined {
  const { node } = service
  if (node?.type === 'map') return node
  return node?.type === 'scalar' && node.value === null ? { type: 'map', entries: new Map(), span: node.span } : undefined
}

/** Kinds: the key, unless `kind:` says otherwise. */
export function resolveKinds(draft: Draft): void {
  for (const service of draft.services) {
    const options = optionsOf(service)
    if (!options) {
      draft.report({
        path: service.path,
        message: `${service.name}: expected a map of options, got ${service.node?.type === 'list' ? 'a list' : 'a single value'}`,
      })
      service.sound = false
    }
    const given = options?.entries.get('kind')?.value
    if (given?.type === 'scalar' && typeof given.value === 'string') service.kind = given.value
    service.definition = draft.definitions.get(service.kind)
    if (service.definition) continue
    service.sound = false
    // A `kind:` that is no text at all is reported with the common keys.
    if (given && !(given.type === 'scalar' && typeof given.value === 'string')) continue
    const kinds = [...draft.definitions.keys()]
    const hint =
      didYouMean(service.kind, kinds) ?? (given ? `kinds are ${orList(kinds, 20)}` : `say which with "kind:", one of ${orList(kinds, 20)}`)
    draft.report({
      path: given ? [...service.path, 'kind'] : service.path,
      at: given ? 'value' : 'key',
      message: `there is no kind of service called "${service.kind}"`,
      hint,
    })
  }
}

/** Keys that every service has. */
export function validateCommonKeys(draft: Draft): void {
  for (const service of draft.services) {
    const options = optionsOf(service)
    if (!options) continue
    const names = new Set([...options.entries.keys()].filter((name) => !COMMON_KEYS.has(name)))
    const own = without(options, names)
    const result = validate(commonServiceSchema, own)
    const common = result.ok ? result.value : repair(commonServiceSchema, own, result.findings, {}).value
    service.common = common ?? {}
    service.needs = (common?.needs ?? []).map((name, index) => ({ name, path: needPath(service, options, index), kinds: [] }))
    if (!result.ok) for (const finding of result.findings) draft.reportIn(service, finding)
  }
}

function needPath(service: DraftService, options: MapNode, index: number) {
  const list = options.entries.get('needs')?.value.type === 'list'
  return [...service.path, 'needs', ...(list ? [index] : [])]
}

/** The kind's own options. */
export function validateOptions(draft: Draft): void {
  for (const service of draft.services) {
    const options = optionsOf(service)
    if (!options || !service.definition) continue
    const own = without(options, COMMON_KEYS)
    const { schema } = service.definition
    const result = validate(schema, own, { extraKeys: COMMON_KEYS })
    if (result.ok) {
      service.options = result.value
      continue
    }
    for (const finding of result.findings) draft.reportIn(service, finding)
    const guess = repair(schema, own, result.findings, { extraKeys: COMMON_KEYS })
    service.sound = guess.value !== undefined
    service.options = guess.value
    for (const key of guess.doubts) service.doubts.add(key)
  }
}

/** Services of inactive profiles take no part. */
export function applyProfiles(draft: Draft): void {
  const { profiles } = draft.request
  const known = new Set(draft.services.flatMap((service) => service.common.profiles ?? []))
  for (const service of draft.services) {
    const own = service.common.profiles ?? []
    service.active = own.length === 0 || profiles.has('*') || own.some((profile) => profiles.has(profile))
  }
  for (const profile of profiles) {
    if (profile === '*' || known.has(profile)) continue
    const hint = didYouMean(profile, known) ?? (known.size > 0 ? `profiles are ${orList([...known])}` : undefined)
    draft.report({ severity: 'warning', path: ['services'], at: 'key', message: `no service has the profile "${profile}"`, hint })
  }
  if (draft.services.length > 0 && !draft.services.some((service) => service.active)) {
    const message = 'every service belongs to a profile, and none of these is active'
    draft.report({ path: ['services'], at: 'key', message, hint: `activate one with --profile ${[...known][0]}` })
  }
}
