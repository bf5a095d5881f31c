import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur2, partitionOfKey } from './murmur2.ts'

/** What Kafka's own clients compute. */
const KNOWN: readonly (readonly [key: string, hash: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

for (const [key, hash] of KNOWN)
  test(`the hash of '${key}' is ${hash}`, () => {
    assert.equal(murmur2(Buffer.from(key)), hash)
  })

test('a partition is the hash without its sign, modulo the number of partitions', () => {
  for (const [key, hash] of KNOWN) {
    assert.equal(partitionOfKey(Buffer.from(key), 7), (hash & 0x7fff_ffff) % 7)
  }
})
