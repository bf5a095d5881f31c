import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  compareBytes,
  equalBytes,
  flatten,
  pushPiece,
  readBigInt64,
  readInt8,
  readInt16,
  readInt32,
  readInt64,
  readUint16,
  readUint32,
  totalLength,
  viewOf,
  writeBigInt64,
  writeInt8,
  writeInt16,
  writeInt32,
  writeInt64,
} from './bytes.ts'

const safeInteger = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 32, -(2 ** 32), 2 ** 31, 2 ** 53 - 1, -(2 ** 53 - 1)),
)

test('an int64 is written as a DataView writes it and is read back the same', () => {
  const check = fc.property(safeInteger, (value) => {
    const bytes = new Uint8Array(10)
    writeInt64(bytes, 1, value)
    assert.equal(viewOf(bytes).getBigInt64(1), BigInt(value))
    assert.equal(readInt64(bytes, 1), value)
    assert.equal(readBigInt64(bytes, 1), BigInt(value))
    assert.equal(bytes[0]! + bytes[9]!, 0)
  })
  fc.assert(check)
})

test('an int64 beyond the safe integers is refused on both sides', () => {
  const bytes = new Uint8Array(8)
  for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
    writeBigInt64(bytes, 0, value)
    assert.equal(readBigInt64(bytes, 0), value)
    assert.throws(() => readInt64(bytes, 0), RangeError)
  }
  for (const value of [2 ** 53, -(2 ** 53), 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => writeInt64(bytes, 0, value), RangeError)
  }
})

test('shorter integers are written and read as a DataView does', () => {
  const check = fc.property(fc.integer(), (value) => {
    const bytes = new Uint8Array(4)
    const view = viewOf(bytes)
    writeInt32(bytes, 0, value)
    assert.equal(view.getInt32(0), value)
    assert.equal(readInt32(bytes, 0), view.getInt32(0))
    assert.equal(readUint32(bytes, 0), view.getUint32(0))
    assert.equal(readInt16(bytes, 1), view.getInt16(1))
    assert.equal(readUint16(bytes, 1), view.getUint16(1))
    assert.equal(readInt8(bytes, 2), view.getInt8(2))
    writeInt16(bytes, 2, value)
    assert.equal(view.getInt16(2), (value << 16) >> 16)
    writeInt8(bytes, 3, value)
    assert.equal(view.getInt8(3), (value << 24) >> 24)
  })
  fc.assert(check)
})

test('no position outside of the array is read or written', () => {
  const bytes = new Uint8Array(8)
  for (const at of [-1, 1, 8, Number.NaN]) {
    assert.throws(() => readInt64(bytes, at), RangeError)
    assert.throws(() => writeInt64(bytes, at, 0), RangeError)
  }
  assert.throws(() => readInt32(bytes, 5), RangeError)
  assert.throws(() => readInt16(bytes, 7), RangeError)
  assert.throws(() => readInt8(bytes, 8), RangeError)
  assert.throws(() => writeInt32(bytes, -1, 0), RangeError)
})

test('chunks are joined in order, and a single one is not copied', () => {
  const a = Uint8Array.of(1, 2)
  const b = Uint8Array.of(3)
  assert.equal(totalLength([a, b, a]), 5)
  assert.deepEqual(flatten([a, b]), Uint8Array.of(1, 2, 3))
  assert.equal(flatten([a]), a)
  assert.equal(flatten([]).length, 0)
})

test('bytes are ordered as unsigned numbers', () => {
  assert.ok(equalBytes(Uint8Array.of(1, 2), Buffer.from([1, 2])))
  assert.ok(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)))
  assert.equal(compareBytes(Uint8Array.of(0x7f), Uint8Array.of(0x80)), -1)
  assert.equal(compareBytes(Uint8Array.of(1, 0), Uint8Array.of(1)), 1)
})

test('a piece that lies right behind the last one becomes part of it', () => {
  const memory = Uint8Array.of(1, 2, 3, 4, 5, 6)
  const pieces: Uint8Array[] = []
  assert.equal(pushPiece(pieces, memory.subarray(0, 2)), false)
  assert.equal(pushPiece(pieces, memory.subarray(2, 3)), true)
  assert.equal(pushPiece(pieces, memory.subarray(4, 6)), false, 'a gap')
  assert.equal(pushPiece(pieces, memory.subarray(3, 4)), false, 'in front')
  assert.equal(pushPiece(pieces, Uint8Array.of(5)), false, 'other memory')
  assert.deepEqual(
    pieces.map((piece) => [...piece]),
    [[1, 2, 3], [5, 6], [4], [5]],
  )
})
