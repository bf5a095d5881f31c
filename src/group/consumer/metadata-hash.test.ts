import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, clusterWith } from './cluster-fixtures-for-test.ts'
import { metadataHash } from './metadata-hash.ts'

const orders = { name: 'orders', id: 'zyeUXLOURsGjehxBABazsQ', replicas: [[0, 1], [1, 2], [2]] }
const payments = { name: 'payments', id: '8P05YHCwSb-A7VMeXuf81Q', replicas: [[0]] }
const racks = ['b', 'a', null]
const both = clusterOf([orders, payments], racks)

test('the hash of a group is the one that Kafka 4.3.1 computes', () => {
  assert.equal(metadataHash(['orders'], both), 7799924750656485462n)
  assert.equal(metadataHash(['payments', 'orders'], both), -2954079845430865663n)
  assert.equal(metadataHash(['orders'], clusterOf([orders])), -7415389974931554824n)
})

test('the hash of no topic that exists is 0', () => {
  assert.equal(metadataHash([], both), 0n)
  assert.equal(metadataHash(['absent'], both), 0n)
  const withAbsent = metadataHash(['absent', 'orders'], both)
  assert.equal(withAbsent, metadataHash(['orders'], both))
})

test('the order of topics and of replicas makes no difference', () => {
  const turned = { ...orders, replicas: orders.replicas.map((brokers) => brokers.toReversed()) }
  const hash = metadataHash(['orders', 'payments'], both)
  assert.equal(metadataHash(['payments', 'orders'], both), hash)
  assert.equal(metadataHash(['orders', 'payments'], clusterOf([turned, payments], racks)), hash)
})

const others = {
  'its id': clusterOf([{ ...orders, id: '8P05YHCwSb-A7VMeXuf81R' }], racks),
  'its partitions': clusterOf([{ ...orders, replicas: [...orders.replicas, [0]] }], racks),
  'a rack': clusterOf([orders], ['b', 'c', null]),
  'where replicas are': clusterOf([{ ...orders, replicas: [[0, 1], [0, 2], [2]] }], racks),
}

for (const [what, image] of Object.entries(others))
  test(`a topic whose hash is known has another when ${what} changes`, () => {
    assert.notEqual(metadataHash(['orders'], image), metadataHash(['orders'], both))
  })

test('what a topic does otherwise makes no difference', () => {
  const later = clusterOf([orders], racks, 17)
  assert.equal(metadataHash(['orders'], later), metadataHash(['orders'], both))
  assert.notEqual(metadataHash(['a'], clusterWith({ a: 1 })), 0n)
})
