import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from './partition-of.ts'

/** [key, partition of 50], as Kafka's own brokers say. */
const rows: readonly [string, number][] = [
  ['', 0],
  ['a', 47],
  ['console-consumer-12345', 6],
  ['my-group', 12],
  ['polygenelubricants', 0], // its hash is the smallest int32
  ['skupina-ěščřžýáíé', 34],
  ['😀', 49],
]
for (const [key, partition] of rows) {
  test(`'${key}' belongs to partition ${partition} of 50`, () => {
    assert.equal(partitionOf(key, 50), partition)
  })
}
