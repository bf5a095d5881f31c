import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { StoredRecord } from '../coordinator/machine.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { KafkaError } from '../protocol/errors.ts'
import { randomValue } from '../protocol/fixtures-for-test.ts'
import {
  groupMetadataKey,
  groupMetadataValue,
  legacyOffsetCommitKey,
  legacyOffsetCommitValue,
  offsetCommitKey,
  offsetCommitValue,
} from '../protocol/internal/consumer-offsets-classic.ts'
import * as consumer from '../protocol/internal/consumer-offsets-consumer.ts'
import { ZERO_UUID } from '../protocol/primitives.ts'
import type { Message } from '../protocol/schema.ts'
import { encodeKey, encodeVersioned, leadingNumber } from '../protocol/stored.ts'
import { decodeGroupRecord, encodeGroupRecord } from './record-codec.ts'
import type { GroupRecord, OffsetRecord } from './records.ts'

const SEED = 8_102
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAZQ'

const offset: NonNullable<OffsetRecord['value']> = {
  offset: 42,
  leaderEpoch: 3,
  metadata: 'so far',
  commitTimestamp: 1_767_225_600_000,
  expireTimestamp: -1,
  topicId: TOPIC_ID,
}
const key = { group: 'orders', topic: 'payments', partition: 7 }

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const versions: readonly (readonly [what: string, value: typeof offset, version: number])[] = [
  ['an offset is of version 4', offset, 4],
  ['without a topic id too', { ...offset, topicId: ZERO_UUID }, 4],
  ['with an expiry of its own it is of version 1', { ...offset, expireTimestamp: 99 }, 1],
]
for (const [what, value, version] of versions) {
  test(`${what}, byte for byte as declared`, () => {
    const stored = encodeGroupRecord({ type: 'offset', key, value })
    assert.deepEqual(stored.key, encodeKey(offsetCommitKey, key))
    assert.deepEqual(stored.value, encodeVersioned(offsetCommitValue, version, value))
    assert.equal(leadingNumber(stored.value!), version)
  })
}

test(`offsets of all versions and of the legacy form read as declared (seed ${SEED})`, () => {
  const random = seededRandom(SEED)
  for (let run = 0; run < 2_000; run++) {
    const version = random.below(5)
    const content = randomValue(random, offsetCommitValue, version)
    const stored = { key: encodeKey(offsetCommitKey, key), value: null as Uint8Array | null }
    stored.value = encodeVersioned(offsetCommitValue, version, content)
    const record = decodeGroupRecord(stored)
    // Tagged fields that nobody knows are kept in a value under a symbol, which JSON leaves out.
    assert.deepEqual(plain(record), plain({ type: 'offset', key, value: content }))
  }
  const value = { offset: 5, metadata: 'm', commitTimestamp: 6 }
  const legacy = {
    key: encodeKey(legacyOffsetCommitKey, key),
    value: encodeVersioned(legacyOffsetCommitValue, 0, value),
  }
  const absent = { leaderEpoch: -1, expireTimestamp: -1, topicId: ZERO_UUID }
  assert.deepEqual(decodeGroupRecord(legacy), {
    type: 'offset',
    key,
    value: { ...value, ...absent },
  })
  assert.deepEqual(decodeGroupRecord({ ...legacy, value: null }), {
    type: 'offset',
    key,
    value: null,
  })
})

test('names of any length and script come back', () => {
  const random = seededRandom(SEED)
  for (let run = 0; run < 500; run++) {
    const group = '日本ü€a'.repeat(random.below(40))
    const record = { type: 'offset', key: { ...key, group }, value: offset } as const
    const metadata = 'ü'.repeat(random.below(2_000))
    const full = { ...record, value: { ...offset, metadata } } as const
    assert.deepEqual(decodeGroupRecord(encodeGroupRecord(full)), full)
  }
})

/** Kinds of record with their key, their value and the version that is written. */
const kinds: Readonly<
  Record<Exclude<GroupRecord['type'], 'offset'>, readonly [Message, Message, number]>
> = {
  'classic-group': [groupMetadataKey, groupMetadataValue, 3],
  'consumer-group': [consumer.consumerGroupMetadataKey, consumer.consumerGroupMetadataValue, 0],
  'consumer-partition-metadata': [
    consumer.consumerGroupPartitionMetadataKey,
    consumer.consumerGroupPartitionMetadataValue,
    0,
  ],
  'consumer-member': [
    consumer.consumerGroupMemberMetadataKey,
    consumer.consumerGroupMemberMetadataValue,
    0,
  ],
  'consumer-target': [
    consumer.consumerGroupTargetAssignmentMetadataKey,
    consumer.consumerGroupTargetAssignmentMetadataValue,
    0,
  ],
  'consumer-target-member': [
    consumer.consumerGroupTargetAssignmentMemberKey,
    consumer.consumerGroupTargetAssignmentMemberValue,
    0,
  ],
  'consumer-current': [
    consumer.consumerGroupCurrentMemberAssignmentKey,
    consumer.consumerGroupCurrentMemberAssignmentValue,
    0,
  ],
  'consumer-regex': [
    consumer.consumerGroupRegularExpressionKey,
    consumer.consumerGroupRegularExpressionValue,
    0,
  ],
}
for (const [type, [keyMessage, valueMessage, version]] of Object.entries(kinds)) {
  test(`${type} of all versions is read, and written in version ${version} (seed ${SEED})`, () => {
    const random = seededRandom(SEED)
    for (let run = 0; run < 200; run++) {
      const from = random.below(valueMessage.versions.to + 1)
      const stored = {
        key: encodeKey(keyMessage, randomValue(random, keyMessage, 0)),
        value: encodeVersioned(valueMessage, from, randomValue(random, valueMessage, from)),
      }
      const record = decodeGroupRecord(stored)
      assert.equal(record?.type, type)
      const again = encodeGroupRecord(record)
      assert.deepEqual(again.key, stored.key)
      assert.equal(leadingNumber(again.value!), version)
      if (from === version) assert.deepEqual(again.value, stored.value)
      const tombstone = decodeGroupRecord({ key: stored.key, value: null })
      assert.deepEqual(tombstone, { ...record, value: null })
    }
  })
}

test('kinds that are not known, as of share and streams groups, are undefined', () => {
  for (const number of [9, 10, 15, 17, 25, 32_767]) {
    const unknown = new Uint8Array([number >> 8, number & 255, 0, 1, 65])
    assert.equal(decodeGroupRecord({ key: unknown, value: null }), undefined, `${number}`)
  }
})

const damaged: readonly (readonly [what: string, stored: StoredRecord])[] = [
  ['an empty key', { key: new Uint8Array(0), value: null }],
  ['a key that ends early', { key: encodeKey(offsetCommitKey, key).subarray(0, 9), value: null }],
  [
    'a value of a version to come',
    { key: encodeKey(offsetCommitKey, key), value: new Uint8Array([0, 5, 0]) },
  ],
  [
    'a value that ends early',
    {
      key: encodeKey(offsetCommitKey, key),
      value: encodeVersioned(offsetCommitValue, 4, offset).subarray(0, -1),
    },
  ],
]
for (const [what, stored] of damaged) {
  test(`${what} is a KafkaError`, () => {
    assert.throws(() => decodeGroupRecord(stored), KafkaError)
  })
}

test(`any damage of a record is told or makes another record (seed ${SEED})`, () => {
  const random = seededRandom(SEED)
  const whole = encodeGroupRecord({ type: 'offset', key, value: offset })
  for (let run = 0; run < 5_000; run++) {
    const stored = { key: whole.key.slice(), value: whole.value!.slice() }
    for (const bytes of [stored.key, stored.value]) {
      bytes[random.below(bytes.length)] = random.below(256)
    }
    try {
      decodeGroupRecord(stored)
    } catch (error) {
      assert(error instanceof KafkaError, String(error))
    }
  }
})

const fixture = new URL(
  '../../../shared/reference/kafka/fixtures/expected/__consumer_offsets-0.json',
  import.meta.url,
)

interface FixtureBatch {
  readonly isControl: boolean
  readonly records: readonly {
    readonly offset: number
    readonly key?: string
    readonly keyHex?: string
    readonly value?: string | null
    readonly valueHex?: string
  }[]
}

test('records that Kafka wrote are written again byte for byte', {
  skip: existsSync(fixture) ? false : 'no ../shared/reference',
}, () => {
  const batches = JSON.parse(readFileSync(fixture, 'utf8')) as readonly FixtureBatch[]
  const bytesOf = (text?: string | null, hex?: string) =>
    hex === undefined ? (text == null ? null : Buffer.from(text)) : Buffer.from(hex, 'hex')
  let known = 0
  for (const { records } of batches.filter(({ isControl }) => !isControl)) {
    for (const one of records) {
      const stored = {
        key: bytesOf(one.key, one.keyHex)!,
        value: bytesOf(one.value, one.valueHex),
      }
      const record = decodeGroupRecord(stored)
      if (record === undefined) continue
      known += 1
      const again = encodeGroupRecord(record)
      assert.deepEqual(Buffer.from(again.key), stored.key, `offset ${one.offset}`)
      assert.deepEqual(again.value && Buffer.from(again.value), stored.value, `${one.offset}`)
    }
  }
  assert(known > 20, `${known}`)
})
