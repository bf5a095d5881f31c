import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatten } from '../kernel/bytes.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { decode, encode } from './codec.ts'
import { compile } from './compiler.ts'
import { KafkaError } from './errors.ts'
import { randomValue } from './fixtures-for-test.ts'
import { requestHeader, responseHeader } from './header.ts'
import { internalMessages } from './internal/registry.ts'
import { interpret } from './interpreter.ts'
import { planOf } from './plan.ts'
import { Reader } from './reader.ts'
import { apis } from './registry.ts'
import {
  array,
  bytes,
  field,
  ignorable,
  int32,
  int64,
  type Message,
  type MessageCodec,
  message,
  nullable,
  records,
  string,
  struct,
  tagged,
  uuid,
} from './schema.ts'
import { unknownTags } from './unknown-tags.ts'
import { Writer } from './writer.ts'

const messages: readonly Message[] = [
  requestHeader,
  responseHeader,
  ...apis.flatMap((api) => [api.request, api.response]),
  ...internalMessages,
]

function* everyVersion(of: readonly Message[]): Generator<[message: Message, version: number]> {
  for (const one of of) {
    for (let version = one.versions.from; version <= one.versions.to; version++) {
      yield [one, version]
    }
  }
}

/** Tests print this; to repeat a failure, put it here. */
const seed = Date.now() % 1_000_000

test('any value of any message and version is the same after encoding and decoding', (t) => {
  t.diagnostic(`seed ${seed}`)
  for (const [one, version] of everyVersion(messages)) {
    const random = seededRandom(seed + version)
    for (let round = 0; round < 10; round++) {
      const value = randomValue(random, one, version)
      const again = decode(one, version, flatten(encode(one, version, value)))
      assert.deepEqual(again, value, `${one.name} v${version} seed ${seed} round ${round}`)
    }
  }
})

test('compiled and interpreted codecs agree on every hot message, good or damaged', (t) => {
  t.diagnostic(`seed ${seed}`)
  const hot = messages.filter((one) => one.hot)
  assert.equal(hot.length, 10, 'Produce, Fetch, Metadata, OffsetCommit, two each, and both headers')
  for (const [one, version] of everyVersion(hot)) {
    const plan = planOf(one, version)
    const [fast, slow] = [compile(plan), interpret(plan)]
    const random = seededRandom(seed + version)
    for (let round = 0; round < 40; round++) {
      const name = `${one.name} v${version} seed ${seed} round ${round}`
      const value = randomValue(random, one, version)
      const written = writeWith(slow, value)
      assert.deepEqual(writeWith(fast, value), written, name)
      if (typeof written === 'string') continue
      assert.deepEqual(readWith(fast, written), readWith(slow, written), name)
      const damaged = written.slice(0, random.below(written.length + 1))
      if (damaged.length > 0) damaged[random.below(damaged.length)] = random.below(256)
      assert.deepEqual(readWith(fast, damaged), readWith(slow, damaged), `${name}, damaged`)
    }
  }
})

test('compiled and interpreted codecs refuse the same values', () => {
  const hot = messages.filter((one) => one.hot)
  for (const [one, version] of everyVersion(hot)) {
    const plan = planOf(one, version)
    for (const [other, otherVersion] of everyVersion([one])) {
      const value = randomValue(seededRandom(otherVersion), other, otherVersion)
      assert.deepEqual(
        writeWith(compile(plan), value),
        writeWith(interpret(plan), value),
        `${one.name} v${version} given a value of v${otherVersion}`,
      )
    }
  }
})

function writeWith(codec: MessageCodec, value: unknown): Uint8Array | string {
  const writer = new Writer()
  writer.begin()
  return orError(() => {
    codec.write(writer, value)
    return flatten(writer.finish())
  })
}

function readWith(codec: MessageCodec, from: Uint8Array): unknown {
  return orError(() => {
    const reader = new Reader(from)
    return [codec.read(reader), reader.remaining]
  })
}

function orError<T>(run: () => T): T | string {
  try {
    return run()
  } catch (error) {
    if (error instanceof KafkaError) return `${error.error}: ${error.message}`
    throw error
  }
}

test('every field that some version lacks has a default to be read as', () => {
  for (const [one, version] of everyVersion(messages)) {
    const plan = planOf(one, version)
    for (const field of plan.absent) {
      assert.notEqual(field.default, undefined, `${one.name}.${field.name}`)
    }
  }
})

const sample = message({
  name: 'Sample',
  versions: '0-3',
  flexible: '2+',
  fields: {
    name: field(string, '0-2', ''),
    id: field(uuid, '3+', 'AAAAAAAAAAAAAAAAAAAAAA', ignorable),
    owner: field(nullable(string, '1+')),
    offset: field(int64, '0+', -1),
    data: field(nullable(records)),
    items: tagged(
      1,
      array({ index: field(int32), note: field(nullable(bytes), '0+', null) }),
      '2+',
    ),
    leader: tagged(3, struct({ id: field(int32, '0+', -1) }), '2+'),
  },
})
const given = { owner: 'me', data: null }
const refusal = (error: string, about: RegExp) => (thrown: unknown) =>
  thrown instanceof KafkaError && thrown.error === error && about.test(thrown.message)

test('a value that the version cannot carry is refused, unless it may be ignored', () => {
  assert.throws(
    () => encode(sample, 3, { ...given, name: 'n' }),
    refusal('UNSUPPORTED_VERSION', /Sample v3: this version has no field name/),
  )
  assert.throws(
    () => encode(sample, 1, { ...given, leader: { id: 4 } }),
    refusal('UNSUPPORTED_VERSION', /no field leader/),
  )
  assert.throws(
    () => encode(sample, 0, { ...given, owner: null }),
    refusal('UNSUPPORTED_VERSION', /owner may not be null/),
  )
  assert.doesNotThrow(() => encode(sample, 1, { ...given, id: 'AbCdEfGhIjKlMnOpQrStUw' }))
  assert.doesNotThrow(() => encode(sample, 3, { ...given, name: '', leader: { id: -1 } }))
})

test('a version outside the declaration is refused', () => {
  assert.throws(
    () => encode(sample, 4, given),
    refusal('UNSUPPORTED_VERSION', /4 is not in \[0, 3\]/),
  )
  assert.throws(() => decode(sample, -1, new Uint8Array(9)), refusal('UNSUPPORTED_VERSION', /-1/))
})

test('a value that is not of its type is refused before anything is sent', () => {
  const wrong: readonly [value: object, about: RegExp][] = [
    [{ ...given, offset: 2 ** 53 }, /is no int64/],
    [{ ...given, offset: 0.5 }, /is no int64/],
    [{ data: null }, /undefined is no string/],
    [{ ...given, owner: 'x'.repeat(32_768) }, /32768 is no string of at most 32767/],
    [{ ...given, id: 'short' }, /short is no uuid/],
    [{ ...given, items: [{ index: 2 ** 31 }] }, /is no int32/],
    [{ ...given, items: 'no' }, /items: no is no list/],
    [{ ...given, data: 'no' }, /no is no bytes/],
  ]
  for (const [value, about] of wrong) {
    // The types would refuse these values; callers without types are stopped here.
    const untyped = value as typeof given
    assert.throws(() => encode(sample, 3, untyped), refusal('INVALID_REQUEST', about))
  }
})

test('records are sent as the caller gave them, in order, and never copied', () => {
  const first = new Uint8Array(2000).fill(1)
  const second = new Uint8Array(3000).fill(2)
  const chunks = encode(sample, 2, { ...given, data: [first, second] })
  assert.equal(chunks[1], first)
  assert.equal(chunks[2], second)
  assert.equal(decode(sample, 2, flatten(chunks)).data?.length, 5000)
})

test('what is decoded points into the frame', () => {
  const frame = flatten(encode(sample, 0, { ...given, data: new Uint8Array(2000) }))
  assert.equal(decode(sample, 0, frame).data?.buffer, frame.buffer)
})

test('a section of tagged fields that needs a longer length than was kept free is moved', () => {
  for (const count of [1, 24, 25, 26, 3000, 5000]) {
    const items = Array.from({ length: count }, (_, index) => ({ index, note: null }))
    const value = decode(sample, 3, flatten(encode(sample, 3, { ...given, items })))
    assert.deepEqual(value.items, items)
  }
})

test('unknown tagged fields survive, in the order of their tags', () => {
  // v2: name, owner, offset, data, then tags 0 (unknown), 1 (items), 2 (unknown), 4 (unknown).
  const bytes = Uint8Array.of(
    ...[1, 3, 109, 101, 0, 0, 0, 0, 0, 0, 0, 5, 0, 4],
    ...[0, 1, 77, 1, 1, 1, 2, 0, 4, 2, 88, 99],
  )
  const value = decode(sample, 2, bytes)
  assert.deepEqual(value.items, [])
  assert.deepEqual(
    unknownTags(value).map((one) => one.tag),
    [0, 2, 4],
  )
  const again = decode(sample, 2, flatten(encode(sample, 2, value)))
  assert.deepEqual(unknownTags(again), unknownTags(value))
})

test('bytes that are not exactly one value are refused', () => {
  const good = flatten(encode(sample, 2, given))
  assert.throws(
    () => decode(sample, 2, Uint8Array.of(...good, 0)),
    refusal('INVALID_REQUEST', /1 bytes too many/),
  )
  for (let length = 0; length < good.length; length++) {
    assert.throws(() => decode(sample, 2, good.subarray(0, length)), KafkaError)
  }
  const head = [1, 3, 109, 101, 0, 0, 0, 0, 0, 0, 0, 5, 0]
  const hostile: readonly [tags: readonly number[], about: RegExp][] = [
    [[2, 4, 0, 0, 0], /tagged field 0 after 4/],
    [[2, 4, 0, 4, 0], /tagged field 4 after 4/],
    [[1, 3, 6, 0, 0, 0, 1, 0, 9], /tagged field 3 is not of its 6 bytes/],
    [[1, 1, 5, 0xff, 0xff, 0xff, 0x7f, 0], /bytes needed/],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], /bytes needed/],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0x01], /varint of more than 32 bits/],
  ]
  for (const [tags, about] of hostile) {
    assert.throws(
      () => decode(sample, 2, Uint8Array.of(...head, ...tags)),
      refusal('INVALID_REQUEST', about),
    )
  }
})
