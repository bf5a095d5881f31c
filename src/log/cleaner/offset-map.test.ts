import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KeyHash } from './key-hash.ts'
import { OffsetMap } from './offset-map.ts'

const SECRET = Int32Array.of(1, 2, 3, 4)

/** HalfSipHash-2-4 of its authors: key 00 … 07, input 00 01 02 …, 64 bits. */
const vectors: readonly (readonly [length: number, hash: string])[] = [[0, '218d1f59b9b83cc8']]

for (const [length, hash] of vectors) {
  test(`the hash of ${length} bytes is that of the published vectors`, () => {
    const key = Int32Array.of(0x03020100, 0x07060504)
    const hasher = new KeyHash(Int32Array.of(key[0]!, key[1]!, 9, 9))
    hasher.of(
      Uint8Array.from({ length }, (_, index) => index),
      0,
      length,
    )
    assert.equal(Buffer.from(hasher.words.buffer, 0, 8).toString('hex'), hash)
  })
}

test('any puts leave the last offset of each key', () => {
  const keys = fc.uint8Array({ maxLength: 9 })
  const property = fc.property(fc.array(keys, { maxLength: 60 }), (puts) => {
    const map = new OffsetMap({ bytes: 24 * 80, loadFactor: 0.9 }, puts.length, SECRET)
    const model = new Map<string, number>()
    for (const [offset, key] of puts.entries()) {
      const padded = Uint8Array.of(7, ...key, 7)
      map.put(padded, 1, key.length, offset)
      model.set(Buffer.from(key).toString('hex'), offset)
    }
    assert.equal(map.size, model.size)
    for (const [hex, offset] of model) {
      const key = Buffer.from(hex, 'hex')
      assert.equal(map.get(key, 0, key.length), offset)
    }
    assert.equal(map.get(Buffer.from('some other key'), 0, 14), -1)
  })
  fc.assert(property)
})

test('a map is full when its share of the slots is used, whatever the keys to come', () => {
  const map = new OffsetMap({ bytes: 24 * 100, loadFactor: 0.5 }, 1_000_000, SECRET)
  let count = 0
  for (; !map.isFull; count++) map.put(Buffer.from(`${count}`), 0, `${count}`.length, count)
  assert.equal(count, 50)
})

test('a map for few keys takes little memory, and has room for all of them', () => {
  for (const keysAtMost of [0, 1, 2, 9, 1_000]) {
    const map = new OffsetMap({ bytes: 2 ** 31 - 1, loadFactor: 0.9 }, keysAtMost, SECRET)
    for (let key = 0; key < keysAtMost; key++) {
      assert.ok(!map.isFull, `${key} of ${keysAtMost}`)
      map.put(Buffer.from(`${key}`), 0, `${key}`.length, key)
    }
  }
})
