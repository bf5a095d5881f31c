import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerThroughput, producerThroughput } from './rdkafka-output.ts'

const produced = (delivered: number, failed: number): string =>
  `% Sending 1000 messages of size 100 bytes
% 12 backpressures for 1000 produce calls: 1.200% backpressure rate
% 1000 messages produced (100000 bytes), ${delivered} delivered (offset 999, ${failed} failed) in 250ms: 4000 msgs/s and 0.40 MB/s, 12 produce failures, 0 in queue, no compression
`

test('a producer is judged by what was acknowledged and how long that took', () => {
  const expected = { records: 1000, bytes: 100_000, seconds: 0.25 }
  assert.deepEqual(producerThroughput(produced(1000, 0), 1000, 100), expected)
})

test('a producer whose records were not all acknowledged has no throughput', () => {
  assert.throws(() => producerThroughput(produced(999, 1), 1000, 100), /to be acknowledged/)
  assert.throws(() => producerThroughput('% FATAL ERROR', 1000, 100), /to be acknowledged/)
})

test('a consumer may get more than it asked for, never less', () => {
  const stdout = '% 1003 messages (100300 bytes) consumed in 500ms: 2006 msgs/s (0.20 MB/s)\n'
  const expected = { records: 1003, bytes: 100_300, seconds: 0.5 }
  assert.deepEqual(consumerThroughput(stdout, 1000), expected)
  assert.throws(() => consumerThroughput(stdout, 1004), /to be consumed/)
})
