import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { textCache } from './text-cache.ts'

const toText = (bytes: Uint8Array, at: number, end: number): string =>
  Buffer.from(bytes.subarray(at, end)).toString('utf8')

test('a cached text is that of the bytes, whatever shared its slot before', () => {
  const cache = textCache(toText)
  const random = seededRandom(1)
  for (let round = 0; round < 20_000; round++) {
    const text = `topic-${random.below(5000)}`
    const bytes = Buffer.from(`..${text}..`)
    assert.equal(cache.read(bytes, 2, bytes.length - 2), text)
  }
})

test('the cache keeps its own copy: the memory it was read from may be used again', () => {
  const cache = textCache(toText)
  for (const memory of [Buffer.alloc(4), new Uint8Array(4)]) {
    for (const text of ['aaaa', 'bbbb', 'aaaa']) {
      memory.set(Buffer.from(text))
      assert.equal(cache.read(memory, 0, 4), text)
    }
  }
  const memory = Buffer.from('cccc')
  cache.read(memory, 0, 4)
  memory.set(Buffer.from('dddd'))
  assert.equal(cache.read(Buffer.from('cccc'), 0, 4), 'cccc')
  assert.equal(cache.read(memory, 0, 4), 'dddd')
})

test('equal short texts are made once, long ones every time', () => {
  let made = 0
  const cache = textCache((...range) => {
    made++
    return toText(...range)
  })
  for (const [length, expected] of [
    [64, 1],
    [65, 3],
  ] as const) {
    made = 0
    const bytes = new Uint8Array(length).fill(97)
    for (let round = 0; round < 3; round++) cache.read(bytes, 0, length)
    assert.equal(made, expected)
  }
})
