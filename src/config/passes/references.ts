// Passes: services that others imply, references and needs between services, cycles among them.
import type { Draft, DraftService, Need } from '../draft.ts'
import { toServiceSpec } from '../draft.ts'
import { fromObject } from '../parse-object.ts'
import { didYouMean, orList } from '../suggest.ts'
import { validate } from '../validate.ts'

/** Adds services that the file does not mention and others cannot do without. */
export function addImplied(draft: Draft): void {
  // Implied ones may imply others; the list grows while it is walked.
  for (let index = 0; index < draft.services.length; index++) {
    const service = draft.services[index]
    if (!service?.active || !service.sound || !service.definition?.implies) continue
    const implied = service.definition.implies(toServiceSpec(service), draft.existing())
    for (const [name, entry] of Object.entries(implied)) {
      const there = draft.services.find((other) => other.name === name)
      if (!there) draft.services.push(impliedService(draft, service, name, entry))
      else if (!there.active) reportInactive(draft, service, { name, path: service.path, kinds: [] }, there)
      else if (there.kind !== entry.kind) {
        const message = `${service.name} brings a ${entry.kind} called "${name}", but that name belongs to a ${there.kind}`
        draft.report({ path: service.path, at: 'key', message, hint: `rename one, or refer to a service of kind ${entry.kind}` })
      }
    }
  }
}

function impliedService(
  draft: Draft,
  by: DraftService,
  name: string,
  entry: { kind: string; options: Record<string, unknown> },
): DraftService {
  const definition = draft.definitions.get(entry.kind)
  const service: DraftService = {
    name,
    path: by.path,
    node: undefined,
    implied: true,
    kind: entry.kind,
    definition,
    common: {},
    options: {},
    sound: definition !== undefined,
    doubts: new Set(),
    active: true,
    needs: [],
    volumes: [],
  }
  if (!definition) {
    draft.report({ path: by.path, at: 'key', message: `${by.name} needs a service of kind "${entry.kind}", which does not exist` })
    return service
  }
  const { root } = fromObject(entry.options, { kind: 'object', name: 'object', dir: draft.request.cwd })
  const result = validate(definition.schema, root)
  if (result.ok) service.options = result.value
  else {
    service.sound = false
    for (const finding of result.findings) draft.reportIn(service, finding)
  }
  return service
}

/** References in options are needs too. */
export function collectReferences(draft: Draft): void {
  const existing = draft.existing()
  for (const service of draft.taking) {
    for (const { name, path, kinds } of service.definition?.references?.(service.options, existing) ?? []) {
      const fullPath = service.implied ? service.path : [...service.path, ...path]
      service.needs.push({ name, path: fullPath, kinds })
    }
  }
}

/** Every need must be a service that takes part and is of a kind that will do. */
export function checkNeeds(draft: Draft): void {
  for (const service of draft.services) {
    if (!service.active) continue
    for (const need of service.needs) checkNeed(draft, service, need)
  }
}

function checkNeed(draft: Draft, service: DraftService, need: Need): void {
  const target = draft.services.find((other) => other.name === need.name)
  const label = need.path.slice(2).includes('needs') ? 'needs: ' : ''
  if (!target) {
    const others = draft.services.filter((other) => other !== service)
    const fitting = need.kinds.length === 0 ? others : others.filter((other) => need.kinds.includes(other.kind))
    const names = fitting.map((other) => other.name)
    const hint =
      didYouMean(need.name, names) ?? (names.length > 0 ? `there is ${orList(names).replace(/ or (?=[^ ]*$)/, ' and ')}` : undefined)
    draft.report({ path: need.path, message: `${label}there is no service called "${need.name}"`, hint })
  } else if (target === service) {
    draft.report({ path: need.path, message: `${label}${service.name} cannot need itself` })
  } else if (!target.active) reportInactive(draft, service, need, target)
  else if (need.kinds.length > 0 && !need.kinds.includes(target.kind)) {
    draft.report({ path: need.path, message: `"${need.name}" is a ${target.kind}, expected a service of kind ${orList(need.kinds)}` })
  }
}

function reportInactive(draft: Draft, service: DraftService, need: Need, target: DraftService): void {
  const profiles = target.common.profiles ?? []
  const names = orList(profiles.map((profile) => `"${profile}"`))
  draft.report({
    path: need.path,
    message: `${service.name} needs ${need.name}, which is inactive: its profile is ${names}`,
    hint: `activate it with --profile ${profiles[0]}, or put ${service.name} into the profile too`,
  })
}

/** A circle of needs could never start. Each circle is named once. */
export function findCycles(draft: Draft): void {
  const byName = new Map(draft.services.filter((service) => service.active).map((service) => [service.name, service]))
  const done = new Set<DraftService>()
  const trail: DraftService[] = []
  const visit = (service: DraftService) => {
    if (done.has(service)) return
    trail.push(service)
    for (const need of service.needs) {
      const target = byName.get(need.name)
      if (!target || target === service) continue
      const at = trail.indexOf(target)
      if (at < 0) visit(target)
      else {
        const circle = [...trail.slice(at), target].map((each) => each.name).join(' -> ')
        draft.report({ path: need.path, message: `services need each other in a circle: ${circle}`, hint: 'take one of these needs away' })
      }
    }
    trail.pop()
    done.add(service)
  }
  for (const service of byName.values()) visit(service)
}
