// Maven coordinates as written in the catalogue. Knows no repository address and reads no file.
import { DevclusterError } from '../../errors.ts'

export interface Coordinate {
  readonly groupId: string
  readonly artifactId: string
  readonly version: string
  /** File ending: `jar`, `tar.gz`. */
  readonly packaging: string
  readonly classifier?: string
}

const PART = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/

/**
 * `group:artifact:version[:packaging[:classifier]]`.
 * @throws DevclusterError INTERNAL when it is not one: coordinates come from our catalogue, and become file names.
 */
export function parseCoordinate(text: string): Coordinate {
  const [groupId, artifactId, version, packaging = 'jar', classifier, ...rest] = text.split(':')
  const parts = [groupId, artifactId, version, packaging, ...(classifier === undefined ? [] : [classifier])]
  if (groupId === undefined || artifactId === undefined || version === undefined || rest.length > 0) {
    throw new DevclusterError('INTERNAL', `${text} is no Maven coordinate`)
  }
  if (parts.some((part) => part === undefined || !PART.test(part) || part.includes('..'))) {
    throw new DevclusterError('INTERNAL', `${text} is no Maven coordinate`)
  }
  return classifier === undefined ? { groupId, artifactId, version, packaging } : { groupId, artifactId, version, packaging, classifier }
}

/** Path below a repository's root, as Maven's default layout has it: `org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar`. */
export function repositoryPath(coordinate: Coordinate): string {
  const { groupId, artifactId, version, packaging, classifier } = coordinate
  const file = `${artifactId}-${version}${classifier === undefined ? '' : `-${classifier}`}.${packaging}`
  return `${groupId.replaceAll('.', '/')}/${artifactId}/${version}/${file}`
}
