import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CleaningInput, type CleaningPlan, planCleaning } from './cleaning-plan.ts'

const NOW = 1_000_000

/** Five segments of 100 offsets and 1,000 bytes; the last is active. The newest record of each is as
 *  old as its number says. */
const segments = [0, 100, 200, 300, 400].map((baseOffset, index) => ({
  baseOffset,
  sizeBytes: 1_000,
  largestTimestampMs: NOW - 10 * (5 - index),
  firstTimestamp: NOW - 100 * (5 - index),
}))

const input: CleaningInput = {
  segments,
  logStartOffset: 0,
  logEndOffset: 450,
  lastStableOffset: 450,
  cleanedTo: undefined,
  config: {
    'max.compaction.lag.ms': Number.MAX_SAFE_INTEGER,
    'min.cleanable.dirty.ratio': 0.5,
    'min.compaction.lag.ms': 0,
  },
  nowMs: NOW,
}

const lag = (minMs: number, maxMs = Number.MAX_SAFE_INTEGER, ratio = 0.5) => ({
  config: {
    'max.compaction.lag.ms': maxMs,
    'min.cleanable.dirty.ratio': ratio,
    'min.compaction.lag.ms': minMs,
  },
})

const rows: readonly (readonly [string, Partial<CleaningInput>, Partial<CleaningPlan>])[] = [
  [
    'a log never compacted is dirty up to its active segment',
    {},
    {
      firstDirtyOffset: 0,
      firstUncleanableOffset: 400,
      dirtyRatio: 1,
      isDue: true,
    },
  ],
  [
    'what is compacted counts as clean',
    { cleanedTo: 200 },
    {
      firstDirtyOffset: 200,
      dirtyRatio: 0.5,
      isDue: false,
    },
  ],
  ['above the ratio it is due', { cleanedTo: 200, ...lag(0, undefined, 0.49) }, { isDue: true }],
  ['a segment compacted in part is clean and dirty', { cleanedTo: 350 }, { dirtyRatio: 0.2 }],
  [
    'a log compacted as a whole is not dirty',
    { cleanedTo: 400, ...lag(0, 1, 0) },
    {
      dirtyRatio: 0,
      isDue: false,
    },
  ],
  [
    'a checkpoint below the log start counts from there',
    { cleanedTo: 50, logStartOffset: 120 },
    {
      firstDirtyOffset: 120,
    },
  ],
  [
    'a checkpoint beyond the log counts as none',
    { cleanedTo: 451, logStartOffset: 7 },
    {
      firstDirtyOffset: 7,
    },
  ],
  [
    'a segment that reaches the last stable offset stays',
    { lastStableOffset: 250 },
    {
      firstUncleanableOffset: 200,
    },
  ],
  [
    'a segment that ends at it does not',
    { lastStableOffset: 300 },
    {
      firstUncleanableOffset: 300,
    },
  ],
  [
    'nothing is due above the last stable offset',
    { lastStableOffset: 50 },
    {
      firstUncleanableOffset: 0,
      isDue: false,
    },
  ],
  [
    'from the first young segment on nothing is touched',
    lag(35),
    {
      firstUncleanableOffset: 200,
    },
  ],
  [
    'a young segment that is compacted already does not count',
    { cleanedTo: 300, ...lag(15) },
    {
      firstUncleanableOffset: 400,
    },
  ],
  [
    'records that have waited too long make it due',
    { cleanedTo: 300, ...lag(0, 199) },
    {
      isDue: true,
    },
  ],
  ['those that have not yet do not', { cleanedTo: 300, ...lag(0, 200) }, { isDue: false }],
]

for (const [name, change, expected] of rows) {
  test(name, () => {
    const plan = planCleaning({ ...input, ...change })
    for (const [key, value] of Object.entries(expected)) {
      assert.equal(plan[key as keyof CleaningPlan], value, key) // a key of `expected`
    }
  })
}

test('no file is read for timestamps that cannot matter', () => {
  const fail = (): never => assert.fail('a timestamp was asked for')
  const closed = segments.map(({ baseOffset, sizeBytes }) => ({
    baseOffset,
    sizeBytes,
    get largestTimestampMs() {
      return fail()
    },
    get firstTimestamp() {
      return fail()
    },
  }))
  assert.equal(planCleaning({ ...input, segments: closed }).isDue, true)
})
