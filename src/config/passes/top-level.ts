// Pass: name, id, runtime, bind, mirrors, and unknown keys at the top. Leaves `services` alone.
import { TOP_LEVEL_KEYS, topLevelSchema } from '../common-schema.ts'
import type { Draft } from '../draft.ts'
import { idOfFolder, nameOfFolder, randomId } from '../identity.ts'
import { without } from '../merge.ts'
import { repair } from '../repair.ts'
import { didYouMean } from '../suggest.ts'
import { validate } from '../validate.ts'

export function topLevel(draft: Draft): void {
  const { root, request } = draft
  // `x-...` keys are for anchors and for other tools, as in Compose.
  const own = without(
    root,
    new Set([...root.entries.keys()].filter((key) => key === 'services' || key === 'extends' || key.startsWith('x-'))),
  )
  const result = validate(topLevelSchema, own, { extraKeys: TOP_LEVEL_KEYS })
  if (!result.ok) {
    for (const finding of result.findings) {
      draft.report(misplaced(draft, finding.path) ?? finding)
      if (finding.meant === 'services') renameToServices(draft, finding.path[0])
    }
  }
  const valid = result.ok ? result.value : (repair(topLevelSchema, own, result.findings, { extraKeys: TOP_LEVEL_KEYS }).value ?? {})
  draft.name = valid.name ?? nameOfFolder(request.nameDir)
  draft.runtime = request.runtime ?? valid.runtime ?? 'auto'
  draft.bind = valid.bind
  draft.mirrors = valid.mirrors ?? {}
  draft.id = request.id ?? (request.dir === undefined ? randomId(draft.name) : idOfFolder(draft.name, request.dir))
}

/** `service:` for `services:` hides everything below it; what is wrong there is wanted too. */
function renameToServices(draft: Draft, key: string | number | undefined): void {
  const { entries } = draft.root
  if (entries.has('services')) return
  draft.root = { ...draft.root, entries: new Map([...entries].map(([name, entry]) => [name === key ? 'services' : name, entry])) }
}

/** A service written one level too high is the commonest mistake of all. */
function misplaced(draft: Draft, path: readonly (string | number)[]) {
  const key = path[0]
  if (path.length !== 1 || typeof key !== 'string' || !draft.definitions.has(key) || didYouMean(key, TOP_LEVEL_KEYS)) return undefined
  return { path, at: 'key' as const, message: `${key}: unknown key`, hint: `put it under "services:"` }
}
