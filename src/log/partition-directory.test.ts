import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type PartitionDirectoryName,
  parsePartitionDirectory,
  partitionName,
  removedPartitionName,
} from './partition-directory.ts'

const ID = '0123456789abcdef0123456789abcdef'

const names: Readonly<Record<string, PartitionDirectoryName | undefined>> = {
  'orders-0': { topic: 'orders', partition: 0, kind: 'current' },
  'a.b-c_d-12': { topic: 'a.b-c_d', partition: 12, kind: 'current' },
  'x--0': { topic: 'x-', partition: 0, kind: 'current' },
  '..-0': { topic: '..', partition: 0, kind: 'current' },
  '7-7': { topic: '7', partition: 7, kind: 'current' },
  __cluster_metadata: undefined,
  '__cluster_metadata-0': { topic: '__cluster_metadata', partition: 0, kind: 'current' },
  [`orders-0.${ID}-delete`]: { topic: 'orders', partition: 0, kind: 'delete' },
  [`a.b-c-3.${ID}-stray`]: { topic: 'a.b-c', partition: 3, kind: 'stray' },
  [`orders-0.${ID}-future`]: { topic: 'orders', partition: 0, kind: 'future' },
  // A topic may be named as if it were on its way out.
  'orders-delete-0': { topic: 'orders-delete', partition: 0, kind: 'current' },
  'orders-delete': undefined,
  'orders-0-delete': undefined,
  'lost+found': undefined,
  'remote-log-index-cache': undefined,
  'orders-': undefined,
  '-0': undefined,
  'orders-01': undefined,
  'orders-99999999999': undefined,
  'orders-4294967296': undefined,
  'or ders-0': undefined,
}
for (const [name, parsed] of Object.entries(names)) {
  test(`${name} is ${parsed ? `${parsed.kind}: ${parsed.topic} ${parsed.partition}` : 'none'}`, () => {
    assert.deepEqual(parsePartitionDirectory(name), parsed)
  })
}

test('the name of a deleted partition is read back', () => {
  const name = removedPartitionName('a.b-c', 5, ID, 'delete')
  assert.equal(name, `a.b-c-5.${ID}-delete`)
  assert.deepEqual(parsePartitionDirectory(name), { topic: 'a.b-c', partition: 5, kind: 'delete' })
})

test('the name of a deleted partition fits into a file name', () => {
  const name = removedPartitionName('t'.repeat(249), 1234, ID, 'delete')
  assert.equal(name.length, 255)
  assert.equal(parsePartitionDirectory(name)?.partition, 1234)
  assert.equal(parsePartitionDirectory(name)?.kind, 'delete')
})

test('a partition is named as its directory', () => {
  assert.equal(partitionName('orders', 3), 'orders-3')
})
