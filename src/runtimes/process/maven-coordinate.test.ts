import { describe, expect, it } from 'vitest'
import { parseCoordinate, repositoryPath } from './maven-coordinate.ts'

describe('maven coordinates', () => {
  it('a coordinate must become its path in the default layout', () => {
    expect(repositoryPath(parseCoordinate('org.slf4j:slf4j-api:1.7.36'))).toBe('org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar')
    expect(repositoryPath(parseCoordinate('a.b:c:2.6.Final:tar.gz:all'))).toBe('a/b/c/2.6.Final/c-2.6.Final-all.tar.gz')
  })

  it('what could leave the cache must be refused', () => {
    for (const bad of ['a:b', 'a:b:../../x', 'a:b/c:1', 'a::1', 'a:b:1:jar:x:y', '..:b:1', 'a:b:1..2'])
      expect(() => parseCoordinate(bad)).toThrow('no Maven coordinate')
  })
})
