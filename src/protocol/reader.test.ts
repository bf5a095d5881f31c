import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from './errors.ts'
import { Reader } from './reader.ts'

const reader = (...bytes: readonly number[]): Reader => new Reader(Uint8Array.from(bytes))

test('integers of every width are read with their sign', () => {
  const all = reader(...[0xff, 0x80, 0, 0xff, 0xfe, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
  assert.deepEqual(
    [all.int8(), all.int16(), all.uint16(), all.int32(), all.uint32()],
    [-1, -0x8000, 0xfffe, -0x8000_0000, 0xffff_ffff],
  )
})

const int64s: readonly (readonly [bytes: readonly number[], value: number | undefined])[] = [
  [[0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Number.MAX_SAFE_INTEGER],
  [[0, 0x20, 0, 0, 0, 0, 0, 0], undefined],
  [[0xff, 0xe0, 0, 0, 0, 0, 0, 1], Number.MIN_SAFE_INTEGER],
  [[0xff, 0xe0, 0, 0, 0, 0, 0, 0], undefined],
  [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
  [[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], undefined],
]
for (const [bytes, value] of int64s) {
  test(`an int64 of ${bytes} is ${value ?? 'refused'}`, () => {
    if (value === undefined) assert.throws(() => reader(...bytes).int64(), KafkaError)
    else assert.equal(reader(...bytes).int64(), value)
  })
}

const varints: readonly (readonly [bytes: readonly number[], value: number | undefined])[] = [
  [[0x7f], 127],
  [[0x80, 0x01], 128],
  [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffff_ffff],
  [[0xff, 0xff, 0xff, 0xff, 0x1f], undefined],
  [[0x80, 0x80, 0x80, 0x80, 0x80, 0x00], undefined],
  [[0x80], undefined],
  [[], undefined],
]
for (const [bytes, value] of varints) {
  test(`a varint of [${bytes}] is ${value ?? 'refused'}`, () => {
    if (value === undefined) assert.throws(() => reader(...bytes).unsignedVarint(), KafkaError)
    else assert.equal(reader(...bytes).unsignedVarint(), value)
  })
}

test('a count beyond what the remaining bytes can hold is refused before any is read', () => {
  assert.equal(reader(0, 0, 0, 2, 1, 2, 3, 4).arrayLength(2), 2)
  assert.throws(() => reader(0, 0, 0, 3, 1, 2, 3, 4).arrayLength(2), KafkaError)
  assert.throws(() => reader(0x7f, 0xff, 0xff, 0xff, 1).arrayLength(1), KafkaError)
  assert.throws(() => reader(0xff, 0xff, 0xff, 0xff, 0x0f, 1).compactArrayLength(1), KafkaError)
  assert.equal(reader(0xff, 0xff, 0xff, 0xff).arrayLength(1), -1)
  assert.equal(reader(0).compactArrayLength(1), -1)
})

test('no text is longer than 32767 bytes, though a varint could say so', () => {
  const long = new Uint8Array(40_000).fill(97)
  long.set([0x80, 0x80, 0x02]) // 32768, which means 32767
  assert.equal(new Reader(long).compactString().length, 32_767)
  long.set([0x81, 0x80, 0x02])
  assert.throws(() => new Reader(long).compactString(), /a text of 32768 bytes/)
})

test('null is read only where it is allowed', () => {
  assert.equal(reader(0xff, 0xff).nullableString(), null)
  assert.throws(() => reader(0xff, 0xff).string(), KafkaError)
  assert.equal(reader(0).compactNullableData(), null)
  assert.throws(() => reader(0).compactData(), KafkaError)
})

test('nothing is read beyond the given end, though the memory goes on', () => {
  const part = new Reader(Uint8Array.of(0, 1, 2, 3, 4, 5), 1, 3)
  assert.equal(part.int16(), 0x0102)
  assert.throws(() => part.int8(), /1 bytes needed, 0 left, at byte 3 of 3/)
})
