import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from '../../records/records.ts'
import {
  deadLetterHeaders,
  type Failure,
  type Forwarded,
  notBeforeMs,
  type RetryPolicy,
  remedyOf,
} from './dead-letters.ts'

const POLICY: RetryPolicy = {
  attempts: 3,
  backoff: { firstMs: 100, maxMs: 150 },
  retryTopics: [
    { topic: 'orders.retry.1', delayMs: 1_000 },
    { topic: 'orders.retry.2', delayMs: 60_000 },
  ],
  deadLetterTopic: 'orders.dead',
}
const RECORD: LogRecord = {
  offset: 42,
  timestamp: 7,
  key: Buffer.from('k'),
  value: null,
  headers: [{ key: 'trace', value: Buffer.from('abc') }],
}
const FAILURE: Failure = {
  from: { topic: 'orders', partition: 3 },
  record: RECORD,
  attempt: 3,
  error: new TypeError('no such customer'),
  groupId: 'billing',
  nowMs: 5_000,
}

/** What was forwarded, by name of the header. */
function headersOf(record: Forwarded): Record<string, string> {
  return Object.fromEntries(record.headers.map(({ key, value }) => [key, `${Buffer.from(value!)}`]))
}

function forwardedBy(failure: Failure): Forwarded {
  const remedy = remedyOf(POLICY, failure)
  assert.equal(remedy.type, 'forward')
  assert.ok(remedy.type === 'forward')
  return remedy.record
}

for (const [attempt, waitMs] of [
  [1, 100],
  [2, 150],
] as const) {
  test(`after failure ${attempt} of 3 it is handled again in ${waitMs} ms`, () => {
    assert.deepEqual(remedyOf(POLICY, { ...FAILURE, attempt }), { type: 'again', waitMs })
  })
}

for (const [from, to] of [
  ['orders', 'orders.retry.1'],
  ['orders.retry.1', 'orders.retry.2'],
  ['orders.retry.2', 'orders.dead'],
] as const) {
  test(`from ${from} a record goes on to ${to}`, () => {
    assert.equal(forwardedBy({ ...FAILURE, from: { topic: from, partition: 0 } }).topic, to)
  })
}

test('without a dead-letter topic the last failure ends the consumer', () => {
  const policy = { ...POLICY, retryTopics: [], deadLetterTopic: undefined }
  assert.deepEqual(remedyOf(policy, FAILURE), { type: 'fail' })
})

test('what is forwarded has key, value and headers of before, and tells where and why', () => {
  const record = forwardedBy(FAILURE)
  assert.deepEqual([record.key, record.value], [RECORD.key, null])
  const { [deadLetterHeaders.errorStack]: stack, ...headers } = headersOf(record)
  assert.match(stack ?? '', /TypeError: no such customer\n/)
  assert.deepEqual(headers, {
    trace: 'abc',
    'moldau.origin.topic': 'orders',
    'moldau.origin.partition': '3',
    'moldau.origin.offset': '42',
    'moldau.origin.timestamp': '7',
    'moldau.retry.group': 'billing',
    'moldau.retry.failures': '3',
    'moldau.retry.not-before': '6000',
    'moldau.error.name': 'TypeError',
    'moldau.error.message': 'no such customer',
  })
})

test('on the way to its end a record keeps where it came from first, and counts on', () => {
  const { headers } = forwardedBy(FAILURE)
  const record = { ...RECORD, offset: 1, timestamp: 9, headers }
  assert.equal(notBeforeMs(record), 6_000)
  const from = { topic: 'orders.retry.2', partition: 0 }
  const dead = headersOf(forwardedBy({ ...FAILURE, record, from, error: 'a text' }))
  assert.equal(dead['moldau.origin.topic'], 'orders')
  assert.equal(dead['moldau.origin.offset'], '42')
  assert.equal(dead['moldau.retry.failures'], '6')
  assert.equal(dead['moldau.error.message'], 'a text')
  assert.ok(!('moldau.retry.not-before' in dead) && !('moldau.error.stack' in dead))
})

test('a header of no number holds nothing up', () => {
  const headers = [{ key: deadLetterHeaders.notBefore, value: Buffer.from('soon') }]
  assert.equal(notBeforeMs({ ...RECORD, headers }), 0)
})
