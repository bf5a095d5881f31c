import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from './codec.ts'
import { KafkaError } from './errors.ts'
import { topicRecord } from './internal/cluster-metadata-topics.ts'
import { offsetCommitKey, offsetCommitValue } from './internal/consumer-offsets-classic.ts'
import { consumerProtocolSubscription } from './internal/consumer-protocol.ts'
import { endTxnMarker, snapshotHeaderRecord } from './internal/control-records.ts'
import { clusterMetadataRecords, internalMessages } from './internal/registry.ts'
import { apis } from './registry.ts'
import {
  decodeExtensible,
  decodeKey,
  decodeTyped,
  decodeVersioned,
  encodeKey,
  encodeTyped,
  encodeVersioned,
  leadingNumber,
} from './stored.ts'

const hex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

test('the key of a coordinator record begins with its type', () => {
  const key = { group: 'g', topic: 'plain', partition: 3 }
  const bytes = encodeKey(offsetCommitKey, key)
  assert.deepEqual(bytes, hex('0001 0001 67 0005 706c61696e 00000003'))
  assert.equal(leadingNumber(bytes), 1)
  assert.deepEqual(decodeKey(offsetCommitKey, bytes), key)
})

test('the value of a coordinator record begins with its version', () => {
  const value = { offset: 7, leaderEpoch: 0, metadata: '', commitTimestamp: 1_795_244_136_854 }
  const bytes = encodeVersioned(offsetCommitValue, 3, value)
  assert.deepEqual(bytes, hex('0003 0000000000000007 00000000 0000 000001a1fce39996'))
  assert.equal(decodeVersioned(offsetCommitValue, bytes).expireTimestamp, -1)
})

test('a version that is not declared is refused', () => {
  assert.throws(() => decodeVersioned(offsetCommitValue, hex('0009 00')), KafkaError)
})

test('a newer consumer protocol reads as the newest one known', () => {
  const value = { topics: ['a'], userData: null, ownedPartitions: [], generationId: 4, rackId: 'r' }
  const bytes = encodeVersioned(consumerProtocolSubscription, 3, value)
  const newer = Uint8Array.of(0, 9, ...bytes.subarray(2), 1, 2, 3)
  assert.deepEqual(decodeExtensible(consumerProtocolSubscription, newer), value)
})

test('a metadata record tells its type and version in varints', () => {
  const value = { name: 'a', topicId: 'AbCdEfGhIjKlMnOpQrStUw' }
  const bytes = encodeTyped(topicRecord, 0, value)
  assert.deepEqual(bytes.subarray(0, 5), hex('01 02 00 02 61'))
  const typed = decodeTyped(clusterMetadataRecords, bytes)
  assert.equal(typed.version, 0)
  assert.throws(() => decodeTyped([topicRecord], hex('00 02 00')), /frame version 0/)
  assert.throws(() => decodeTyped([topicRecord], hex('01 7f 00')), /type 127/)
})

test('transaction markers stand behind their version, snapshot headers hold their own', () => {
  assert.deepEqual(encodeVersioned(endTxnMarker, 0, { coordinatorEpoch: 5 }), hex('0000 00000005'))
  const header = { version: 0, lastContainedLogTimestamp: 1_795_244_110_376 }
  assert.deepEqual(encode(snapshotHeaderRecord, 0, header), [hex('0000 000001a1fce33228 00')])
  assert.deepEqual(decode(snapshotHeaderRecord, 0, hex('0000 000001a1fce33228 00')), header)
})

test('keys of APIs are unique and without gaps; names of messages are unique', () => {
  assert.deepEqual(
    apis.map((api) => api.key),
    apis.map((_, index) => index),
  )
  const names = [...apis.map((api) => api.name), ...internalMessages.map((one) => one.name)]
  assert.equal(new Set(names).size, names.length)
})
