import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { flatten, writeInt32, writeInt64 } from '../kernel/bytes.ts'
import { KafkaError } from '../protocol/errors.ts'
import * as batch from './batch.ts'
import { codecs, compressionId } from './compression/compression.ts'
import { kafkaError, MANY_BYTES } from './fixtures-for-test.ts'
import { convertLegacy, legacyDamage, legacyRecords } from './legacy.ts'
import { recordsOf } from './records.ts'

interface MessageInput {
  readonly key: string | null
  readonly value: string | Uint8Array | null
  readonly timestamp?: number
  readonly compression?: number
}

/** Another implementation's writer of single messages, without offset and length. */
const kafkajs = createRequire(import.meta.url)(
  'kafkajs/src/protocol/message/index.js',
) as (version: { version: number }) => (message: MessageInput) => { readonly buffer: Uint8Array }

/** One message with its offset in front. */
function message(version: number, offset: number, input: MessageInput): Uint8Array {
  const value = input.value instanceof Uint8Array ? Buffer.from(input.value) : input.value
  const body = Uint8Array.from(kafkajs({ version })({ ...input, value }).buffer)
  const prefix = new Uint8Array(batch.LOG_OVERHEAD_BYTES)
  writeInt64(prefix, 0, offset)
  writeInt32(prefix, 8, body.length)
  return flatten([prefix, body])
}

type Packing = 'gzip' | 'snappy' | 'lz4'
function wrapper(version: number, offset: number, packing: Packing, inner: Uint8Array[]) {
  const value = codecs[packing].compressSync(flatten(inner), undefined)
  const compression = compressionId(packing)
  return message(version, offset, { key: null, value, compression, timestamp: 100 })
}

/** Sets bits of the attributes, and the checksum again. */
function withAttributes(bytes: Uint8Array, bits: number): Uint8Array {
  const copy = bytes.slice()
  copy[17]! |= bits
  writeInt32(copy, 12, crc32(copy.subarray(16)))
  return copy
}

const text = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString()
const read = (bytes: Uint8Array, at = 0) =>
  legacyRecords(bytes, at, MANY_BYTES).map((r) => [
    r.offset,
    r.timestamp,
    text(r.key),
    text(r.value),
  ])

const abc = (version: number, ...offsets: number[]) =>
  offsets.map((offset, index) =>
    message(version, offset, { key: `k${index}`, value: `v${index}`, timestamp: 10 + index }),
  )

test('a v0 message has no time, a v1 message has one', () => {
  assert.deepEqual(read(message(0, 7, { key: 'k', value: null })), [[7, -1, 'k', null]])
  const v1 = message(1, 7, { key: null, value: '', timestamp: 55 })
  assert.deepEqual(read(v1), [[7, 55, null, '']])
})

for (const packing of ['gzip', 'snappy', 'lz4'] as const) {
  test(`${packing}: a v0 wrapper holds messages with offsets of their own`, () => {
    assert.deepEqual(read(wrapper(0, 9, packing, abc(0, 5, 9))), [
      [5, -1, 'k0', 'v0'],
      [9, -1, 'k1', 'v1'],
    ])
  })

  test(`${packing}: a v1 wrapper has the offset of its last message`, () => {
    assert.deepEqual(read(wrapper(1, 41, packing, abc(1, 0, 1))), [
      [40, 10, 'k0', 'v0'],
      [41, 11, 'k1', 'v1'],
    ])
  })
}

test('an offset of 0 means that inner offsets count from 0, as old producers send them', () => {
  assert.deepEqual(
    read(wrapper(1, 0, 'gzip', abc(1, 0, 1))).map(([offset]) => offset),
    [0, 1],
  )
})

test('a wrapper with LogAppendTime gives its time to all', () => {
  const bytes = withAttributes(wrapper(1, 1, 'gzip', abc(1, 0, 1)), batch.LOG_APPEND_TIME_BIT)
  assert.deepEqual(
    read(bytes).map(([, timestamp]) => timestamp),
    [100, 100],
  )
})

test('lz4 in v0 is read with the header checksum that old producers got wrong', () => {
  const packed = codecs.lz4.compressSync(flatten(abc(0, 3)), undefined)
  packed[6]! ^= 0xff
  const v0 = message(0, 3, { key: null, value: packed, compression: 3 })
  assert.deepEqual(read(v0), [[3, -1, 'k0', 'v0']])
  const v1 = message(1, 3, { key: null, value: packed, compression: 3 })
  assert.throws(() => read(v1), kafkaError('CORRUPT_MESSAGE'))
})

// One row per message that is none.
const refused: readonly (readonly [why: string, bytes: Uint8Array])[] = [
  ['zstd', message(1, 0, { key: null, value: 'x', compression: 4 })],
  ['an empty wrapper', message(1, 0, { key: null, value: null, compression: 1 })],
  ['a wrapper of nothing', wrapper(1, 0, 'gzip', [])],
  ['a wrapper in a wrapper', wrapper(1, 0, 'gzip', [wrapper(1, 0, 'gzip', abc(1, 0))])],
  ['a wrapper below its content', wrapper(1, 3, 'gzip', abc(1, 0, 9))],
]
for (const [why, bytes] of refused) {
  test(`${why} is refused`, () => {
    assert.throws(() => read(bytes), kafkaError('INVALID_RECORD'))
  })
}

test('a message cut off anywhere, or with lying sizes, is refused', () => {
  const whole = message(1, 5, { key: 'key', value: 'value', timestamp: 1 })
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => read(whole.subarray(0, length)), KafkaError)
    assert.ok(legacyDamage(whole.subarray(0, length), 0))
  }
  for (let at = 26; at < whole.length; at++) {
    const lying = whole.slice()
    lying[at] = 0x7f
    try {
      read(lying)
    } catch (error) {
      assert.ok(error instanceof KafkaError)
    }
    assert.match(legacyDamage(lying, 0) ?? '', /CRC/)
  }
  assert.equal(legacyDamage(whole, 0), undefined)
})

test('a message set becomes one v2 batch with the same offsets, times and gaps', () => {
  const set = flatten([...abc(1, 10, 12), wrapper(1, 21, 'lz4', abc(1, 0, 1))])
  const converted = convertLegacy(set, MANY_BYTES)
  assert.equal(batch.batchDamage(converted), undefined)
  assert.deepEqual(
    [...recordsOf(converted, 0, MANY_BYTES)].map((r) => [r.offset, r.timestamp, text(r.value)]),
    [
      [10, 10, 'v0'],
      [12, 11, 'v1'],
      [20, 10, 'v0'],
      [21, 11, 'v1'],
    ],
  )
  assert.equal(batch.timestampType(converted), 'CreateTime')
  const stamped = withAttributes(wrapper(1, 1, 'gzip', abc(1, 0, 1)), batch.LOG_APPEND_TIME_BIT)
  assert.equal(batch.timestampType(convertLegacy(stamped, MANY_BYTES)), 'LogAppendTime')
})

test('sets that are cut off, empty or out of order are not converted', () => {
  const invalid = kafkaError('INVALID_RECORD')
  const set = flatten(abc(0, 4, 5))
  assert.throws(() => convertLegacy(set.subarray(0, -1), MANY_BYTES), invalid)
  assert.throws(() => convertLegacy(new Uint8Array(0), MANY_BYTES), invalid)
  assert.throws(() => convertLegacy(flatten(abc(0, 5, 5)), MANY_BYTES), invalid)
})
