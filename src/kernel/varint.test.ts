import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  readUnsignedVarint,
  readVarint,
  readVarlong,
  sizeOfUnsignedVarint,
  sizeOfVarint,
  sizeOfVarlong,
  varintEnd,
  writeUnsignedVarint,
  writeVarint,
  writeVarlong,
} from './varint.ts'

const uint32 = fc.oneof(fc.nat(), fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 32 - 1))
const int32 = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -64, 63, 64))
const safe = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 31, -(2 ** 31) - 1, 2 ** 27, 2 ** 28, 2 ** 52),
)

const forms = [
  {
    name: 'an unsigned varint',
    values: uint32,
    write: writeUnsignedVarint,
    read: readUnsignedVarint,
    size: sizeOfUnsignedVarint,
  },
  { name: 'a varint', values: int32, write: writeVarint, read: readVarint, size: sizeOfVarint },
  { name: 'a varlong', values: safe, write: writeVarlong, read: readVarlong, size: sizeOfVarlong },
]

for (const { name, values, write, read, size } of forms) {
  test(`${name} is read back as it was written, in as many bytes as announced`, () => {
    const check = fc.property(values, fc.nat(3), (value, at) => {
      const bytes = new Uint8Array(16).fill(0xff)
      const end = write(bytes, at, value)
      assert.equal(end - at, size(value))
      assert.equal(read(bytes, at), value)
      assert.equal(varintEnd(bytes, at), end)
    })
    fc.assert(check)
  })

  test(`${name} that runs over the end is refused`, () => {
    for (let length = 0; length < 5; length++) {
      const bytes = new Uint8Array(length).fill(0x80)
      assert.throws(() => read(bytes, 0), RangeError)
      assert.throws(() => varintEnd(bytes, 0), RangeError)
    }
    assert.throws(() => write(new Uint8Array(1), 0, 1_000), RangeError)
  })
}

test('a varlong has the bytes that zigzag coding with BigInt gives', () => {
  const check = fc.property(safe, (value) => {
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
    const expected: number[] = []
    for (; rest > 0x7fn; rest >>= 7n) expected.push(Number(rest & 0x7fn) | 0x80)
    expected.push(Number(rest))
    const bytes = new Uint8Array(16)
    const end = writeVarlong(bytes, 0, value)
    assert.deepEqual([...bytes.subarray(0, end)], expected)
  })
  fc.assert(check)
})

test('values that do not fit are refused', () => {
  assert.throws(() => readUnsignedVarint(Uint8Array.of(255, 255, 255, 255, 0x1f), 0), RangeError)
  assert.equal(readUnsignedVarint(Uint8Array.of(255, 255, 255, 255, 0x0f), 0), 2 ** 32 - 1)
  const longest = new Uint8Array(10).fill(255)
  assert.throws(() => readVarlong(longest, 0), RangeError)
  longest[9] = 1 // 2^63 - 1 as zigzag: an int64, but no safe integer
  assert.throws(() => readVarlong(longest, 0), RangeError)
  assert.throws(() => writeVarlong(new Uint8Array(10), 0, 2 ** 53), RangeError)
})

test('needless leading zero groups are read as any reader of Kafka reads them', () => {
  assert.equal(readUnsignedVarint(Uint8Array.of(0x81, 0x80, 0x00), 0), 1)
  assert.equal(varintEnd(Uint8Array.of(0x81, 0x80, 0x00), 0), 3)
})
