import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LOG_CONFIG } from './log-for-test.ts'
import { planRetention, type RetentionPlan } from './retention.ts'

const NOW = 1_000_000

/** Four segments of ten records: 100 bytes each, the last record of each 300, 200, 100, 0 ms old. */
const SEGMENTS = [0, 10, 20, 30].map((baseOffset, index) => {
  return { baseOffset, sizeBytes: 100, largestTimestampMs: NOW - 300 + 100 * index }
})

interface Row {
  readonly name: string
  readonly policy?: readonly string[]
  readonly bytes?: number
  readonly ms?: number
  readonly start?: number
  readonly highWatermark?: number
  readonly expected: RetentionPlan | undefined
}

const ROWS: readonly Row[] = [
  { name: 'no limits', expected: undefined },
  { name: 'as large as allowed', bytes: 400, expected: undefined },
  { name: 'less than a segment too large', bytes: 301, expected: undefined },
  { name: 'a segment too large', bytes: 300, expected: { count: 1, reason: 'retention.bytes' } },
  { name: 'no bytes allowed', bytes: 0, expected: { count: 4, reason: 'retention.bytes' } },
  { name: 'as old as allowed', ms: 300, expected: undefined },
  { name: 'one too old', ms: 299, expected: { count: 1, reason: 'retention.ms' } },
  { name: 'three too old', ms: 99, expected: { count: 3, reason: 'retention.ms' } },
  {
    name: 'the high watermark inside of the second',
    ms: 99,
    highWatermark: 19,
    expected: { count: 1, reason: 'retention.ms' },
  },
  { name: 'the log start in the first', start: 9, expected: undefined },
  {
    name: 'the log start at the third',
    start: 20,
    expected: { count: 2, reason: 'log-start-offset' },
  },
  {
    name: 'the log start at the log end',
    start: 40,
    expected: { count: 3, reason: 'log-start-offset' },
  },
  { name: 'a compacted topic keeps old segments', policy: ['compact'], ms: 1, expected: undefined },
  {
    name: 'a compacted topic lets those below its start go',
    policy: ['compact'],
    start: 10,
    expected: { count: 1, reason: 'log-start-offset' },
  },
  {
    name: 'compacted and deleted',
    policy: ['compact', 'delete'],
    ms: 299,
    expected: { count: 1, reason: 'retention.ms' },
  },
]

for (const { name, expected, ...row } of ROWS) {
  test(`retention, ${name}: ${expected ? `${expected.count} by ${expected.reason}` : 'none'}`, () => {
    const plan = planRetention({
      segments: SEGMENTS,
      logStartOffset: row.start ?? 0,
      logEndOffset: 40,
      highWatermark: row.highWatermark ?? 40,
      nowMs: NOW,
      config: {
        ...DEFAULT_LOG_CONFIG,
        'cleanup.policy': row.policy ?? ['delete'],
        'retention.bytes': row.bytes ?? -1,
        'retention.ms': row.ms ?? -1,
      },
    })
    assert.deepEqual(plan, expected)
  })
}

test('the empty active segment stays whatever its age', () => {
  const plan = planRetention({
    segments: [{ baseOffset: 40, sizeBytes: 0, largestTimestampMs: 0 }],
    logStartOffset: 40,
    logEndOffset: 40,
    highWatermark: 40,
    nowMs: NOW,
    config: { ...DEFAULT_LOG_CONFIG, 'retention.ms': 1, 'retention.bytes': 0 },
  })
  assert.equal(plan, undefined)
})
