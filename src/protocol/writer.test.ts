import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flatten } from '../kernel/bytes.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

function written(run: (writer: Writer) => void): Uint8Array {
  const writer = new Writer()
  writer.begin()
  run(writer)
  return flatten(writer.finish())
}

test('texts of every length and alphabet come back, across the loop and the runtime', () => {
  for (const length of [0, 1, 47, 48, 49, 127, 128, 10_000]) {
    for (const character of ['a', 'é', '€', '😀']) {
      const text = character.repeat(length)
      if (Buffer.byteLength(text) > 32_767) continue
      assert.equal(new Reader(written((writer) => writer.string(text))).string(), text)
      assert.equal(
        new Reader(written((writer) => writer.compactString(text))).compactString(),
        text,
      )
    }
  }
})

test('a message that outgrows the slab is whole, and finished ones are not touched', () => {
  const writer = new Writer()
  const finished: Uint8Array[] = []
  for (let message = 0; message < 50; message++) {
    writer.begin()
    for (let index = 0; index < 3_000; index++) writer.int32(message)
    finished.push(flatten(writer.finish()))
  }
  for (const [message, bytes] of finished.entries()) {
    assert.equal(bytes.length, 12_000)
    const reader = new Reader(bytes)
    while (reader.remaining > 0) assert.equal(reader.int32(), message)
  }
})

test('large data is a chunk of its own, small data is copied', () => {
  const writer = new Writer()
  const [small, large] = [new Uint8Array(512).fill(1), new Uint8Array(513).fill(2)]
  writer.begin()
  writer.data(small)
  writer.data(large)
  writer.int8(3)
  assert.equal(writer.length, 4 + 512 + 4 + 513 + 1)
  const chunks = writer.finish()
  assert.equal(chunks.length, 3)
  assert.equal(chunks[1], large)
})

test('the size of a frame stands at its start, also when the first chunk is out already', () => {
  for (const length of [10, 1_000, 100_000]) {
    const writer = new Writer()
    writer.begin()
    writer.reserveSize()
    writer.data(new Uint8Array(length))
    for (let index = 0; index < 20_000; index++) writer.int32(index)
    const frame = flatten(writer.finishSized())
    assert.equal(new Reader(frame).int32(), frame.length - 4)
    assert.equal(frame.length, 4 + 4 + length + 80_000)
  }
})

test('a message that failed half-way leaves nothing in the next one', () => {
  const writer = new Writer()
  writer.begin()
  writer.int32(1)
  writer.beginSection()
  assert.throws(() => writer.int8(300), /300 is no int8/)
  writer.begin()
  writer.data(new Uint8Array(2_000))
  assert.equal(writer.finish().length, 2)
})

test('uuids are 22 characters of base64url with no bits left over', () => {
  assert.equal(written((writer) => writer.uuid('AbCdEfGhIjKlMnOpQrStUw')).length, 16)
  for (const wrong of ['', 'AbCdEfGhIjKlMnOpQrStUx', 'AbCdEfGhIjKlMnOpQrSt!w', 'é'.repeat(22)]) {
    assert.throws(() => written((writer) => writer.uuid(wrong)), /is no uuid/)
  }
})
