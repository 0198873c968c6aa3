// Pass: files named in options become absolute, against the file that names them, and must exist. Reads none of them.
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import type { Draft, DraftService } from '../draft.ts'
import { didYouMean } from '../suggest.ts'
import { formatPath, locate, nodeAt, type Path } from '../tree.ts'

export function resolveFiles(draft: Draft): void {
  for (const service of draft.services) {
    if (!service.sound) continue
    for (const pattern of service.definition?.filePaths ?? []) {
      service.options = rewrite(service.options, pattern, [], (path, value) => resolveFile(draft, service, path, value))
    }
    service.volumes = (service.common.volumes ?? []).map((volume, index) => resolveVolume(draft, service, volume, index))
  }
}

/** A copy of `value` with the strings at `pattern` changed; parts that do not match stay the same objects. */
function rewrite(value: unknown, pattern: readonly string[], done: Path, change: (path: Path, value: string) => string): unknown {
  const [first, ...rest] = pattern
  if (first === undefined) return typeof value === 'string' ? change(done, value) : value
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      first === '*' || first === String(index) ? rewrite(item, rest, [...done, index], change) : item,
    )
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, first === '*' || first === key ? rewrite(item, rest, [...done, key], change) : item]),
  )
}

function resolveFile(draft: Draft, service: DraftService, path: Path, value: string): string {
  // Short forms (`seed: ./a.ndjson`) are longer after the schema: the deepest node on the path is what was written.
  const fullPath = writtenPath(draft, [...service.path, ...path])
  const node = nodeAt(draft.root, fullPath)
  const dir = service.implied || !node ? draft.request.cwd : locate(draft.root, fullPath).node.span.source.dir
  const absolute = resolve(dir, value)
  draft.references.add(absolute)
  if (node?.type === 'scalar' && node.value === value && !isAbsolute(value))
    draft.absolute.set(formatPath(fullPath), { path: fullPath, value: absolute })
  if (!existsSync(absolute)) {
    const hint = similarFile(absolute) ?? (isAbsolute(value) ? undefined : `looked for ${absolute}`)
    draft.reportIn(service, {
      path: fullPath.slice(2),
      message: `${formatPath(fullPath.slice(2))}: there is no file ${value}`,
      ...(hint !== undefined && { hint }),
    })
  }
  return absolute
}

function writtenPath(draft: Draft, path: Path): Path {
  let length = path.length
  while (length > 0 && !nodeAt(draft.root, path.slice(0, length))) length--
  return path.slice(0, length)
}

function similarFile(path: string): string | undefined {
  try {
    return didYouMean(basename(path), readdirSync(dirname(path)))
  } catch {
    return undefined
  }
}

/** `./plugins:/opt/plugins` -> the same with an absolute host side. */
function resolveVolume(draft: Draft, service: DraftService, volume: string, index: number): string {
  const colon = volume.indexOf(':')
  const host = volume.slice(0, colon)
  if (isAbsolute(host)) return volume
  const path: Path = ['volumes', index]
  if (!host.startsWith('.')) {
    const hint = `a folder of the host begins with "/" or "./": ./${volume}`
    draft.reportIn(service, { path, message: `volumes[${index}]: "${host}" is no path of the host`, hint })
    return volume
  }
  const absolute = resolve(locate(draft.root, [...service.path, ...path]).node.span.source.dir, host)
  if (!existsSync(absolute))
    draft.reportIn(service, { path, message: `volumes[${index}]: there is no ${host}`, hint: `looked for ${absolute}` })
  draft.absolute.set(formatPath([...service.path, ...path]), {
    path: [...service.path, ...path],
    value: `${absolute}${volume.slice(colon)}`,
  })
  return `${absolute}${volume.slice(colon)}`
}
