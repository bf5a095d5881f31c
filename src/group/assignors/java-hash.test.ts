import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareUuids, intHash, JavaHashSet, stringHash, uuidHash } from './java-hash.ts'
import { asKafkaWalks } from './walk.ts'

// What Java 17 and Kafka 4.3.1 print.
const strings = [
  ['', 0],
  ['a', 97],
  ['consumer-orders-17', 1090752759],
  ['Größe ☃', 2085912468],
] as const

const uuids = [
  ['AAAAAAAAAAAAAAAAAAAAAA', 0],
  ['AAAAAAAAAAAAAAAAAAAAAQ', 1],
  ['__________7_________-w', 5],
  ['t3DZcBnOTlyHXKoHBXnQ4g', 748416457],
] as const

for (const [text, hash] of strings)
  test(`the hash of the string '${text}' is Java's`, () => assert.equal(stringHash(text), hash))

for (const [text, hash] of uuids)
  test(`the hash of the uuid ${text} is Kafka's`, () => assert.equal(uuidHash(text), hash))

test('uuids are ordered as two signed numbers', () => {
  const ordered = ['gAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAACAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAA']
  for (const [index, id] of ordered.entries()) {
    assert.equal(compareUuids(id, id), 0)
    for (const later of ordered.slice(index + 1)) {
      assert.ok(compareUuids(id, later) < 0)
      assert.ok(compareUuids(later, id) > 0)
    }
  }
})

// [expected, keys as they come, keys as they are walked]
const orders: readonly (readonly [number | undefined, readonly number[], readonly number[]])[] = [
  [undefined, [16, 0, 5, 1], [16, 0, 1, 5]],
  // Twelve of sixteen places are as many as may be taken: the thirteenth key makes it 32.
  [undefined, [16, ...range(0, 11)], [16, ...range(0, 11)].sort(bySlot(16))],
  [undefined, [16, ...range(0, 12)], [...range(0, 12), 16]],
  [0, [4, 0], [4, 0]],
  [0, [4, 0, 1, 2], [0, 1, 2, 4]],
  // The ninth key of one bucket doubles a small table, too.
  [undefined, range(0, 9).map((i) => 128 - 16 * i), [128, 96, 64, 32, 0, 112, 80, 48, 16]],
]

function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i)
}

function bySlot(capacity: number): (a: number, b: number) => number {
  return (a, b) => (a % capacity) - (b % capacity)
}

for (const [expected, keys, walked] of orders)
  test(`the keys ${keys} in a table for ${expected ?? 'any'} are walked as ${walked}`, () => {
    const set = new JavaHashSet(intHash, expected)
    for (const key of keys) set.add(key)
    for (const key of keys) set.add(key)
    assert.equal(set.size, keys.length)
    assert.deepEqual([...set], walked)
  })

test('what is computed when absent comes first of its bucket', () => {
  const set = JavaHashSet.of(intHash, [16], 1)
  for (const key of [0, 32, 0]) set.addFirst(key)
  assert.deepEqual([...set], [32, 0, 16])
})

test('what was deleted comes last of its bucket when it is back', () => {
  const set = JavaHashSet.of(intHash, [0, 16, 32], 3)
  set.delete(0)
  set.delete(7)
  assert.equal(set.has(0), false)
  set.add(0)
  assert.deepEqual([...set], [16, 32, 0])
})

test("members are walked as Kafka's table of them", () => {
  const ids = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9']
  const walked = ['m5', 'm0', 'm2', 'm7', 'm4', 'm9', 'm1', 'm6', 'm3', 'm8']
  assert.deepEqual(asKafkaWalks(ids), walked)
  const many = Array.from({ length: 100 }, (_, i) => `consumer-${i * i}`)
  const first = ['1369', '3481', '7225', '6241', '121', '5625'].map((end) => `consumer-${end}`)
  assert.deepEqual(asKafkaWalks(many).slice(0, 6), first)
})
