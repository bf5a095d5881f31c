import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKnownKey, requestHeaderVersion, responseHeaderVersion } from './header.ts'
import { apis } from './registry.ts'
import { includes } from './versions.ts'

test('the header of every version is the one that its declaration calls for', () => {
  for (const api of apis) {
    for (let version = 0; version <= api.versions.to + 1; version++) {
      const isFlexible = includes(api.flexible, version)
      const name = `${api.name} v${version}`
      assert.equal(requestHeaderVersion(api.key, version), isFlexible ? 2 : 1, name)
      const expected = isFlexible && api.name !== 'ApiVersions' ? 1 : 0
      assert.equal(responseHeaderVersion(api.key, version), expected, name)
    }
  }
})

test('the keys known here are the ones declared', () => {
  assert.deepEqual([-1, apis.length].filter(isKnownKey), [])
  assert.ok(apis.every((api) => isKnownKey(api.key)))
})
