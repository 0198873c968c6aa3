import { expect, test } from 'vitest'
import { parseReference, referenceInUse } from './reference.ts'

test.each([
  ['redis', { registry: 'docker.io', path: 'library/redis' }],
  ['redis:7', { registry: 'docker.io', path: 'library/redis', tag: '7' }],
  ['apache/kafka:4.3.1', { registry: 'docker.io', path: 'apache/kafka', tag: '4.3.1' }],
  ['index.docker.io/apache/kafka', { registry: 'docker.io', path: 'apache/kafka' }],
  [
    'docker.elastic.co/elasticsearch/elasticsearch:8.19.0',
    { registry: 'docker.elastic.co', path: 'elasticsearch/elasticsearch', tag: '8.19.0' },
  ],
  ['localhost/mine', { registry: 'localhost', path: 'mine' }],
  ['127.0.0.1:5000/a/b/c', { registry: '127.0.0.1:5000', path: 'a/b/c' }],
  ['127.0.0.1:5000/a:1@sha256:00ff', { registry: '127.0.0.1:5000', path: 'a', tag: '1', digest: 'sha256:00ff' }],
])('%s is taken apart', (image, parts) => {
  expect(parseReference(image)).toEqual(parts)
})

test('a mirror replaces the registry and keeps path, tag and digest', () => {
  const mirrors = { 'docker.io': '127.0.0.1:5000', 'docker.elastic.co': 'https://cache.example/elastic/' }
  expect(referenceInUse('apache/kafka:4.3.1', mirrors)).toBe('127.0.0.1:5000/apache/kafka:4.3.1')
  expect(referenceInUse('redis', mirrors)).toBe('127.0.0.1:5000/library/redis')
  expect(referenceInUse('redis@sha256:00ff', mirrors)).toBe('127.0.0.1:5000/library/redis@sha256:00ff')
  expect(referenceInUse('docker.elastic.co/kibana/kibana:8', mirrors)).toBe('cache.example/elastic/kibana/kibana:8')
  expect(referenceInUse('quay.io/x/y:1', mirrors)).toBe('quay.io/x/y:1')
  expect(referenceInUse('apache/kafka:4.3.1', {})).toBe('apache/kafka:4.3.1')
  expect(referenceInUse('redis', { 'index.docker.io': 'm.example' })).toBe('m.example/library/redis')
})
