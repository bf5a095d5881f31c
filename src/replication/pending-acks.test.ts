import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PendingAcks } from './pending-acks.ts'

/** Acknowledgements by name, and what became of them, in the order in which it did. */
function setUp() {
  const acks = new PendingAcks()
  const settled: string[] = []
  const park = (name: string, endOffset: number, dueMs = 100) => {
    acks.add({
      endOffset,
      dueMs,
      settle: (error) => settled.push(error ? `${name} ${error.message}` : name),
    })
  }
  return { acks, settled, park }
}

test('an advance settles what it passes, in the order of offsets, and nothing else', () => {
  const { acks, settled, park } = setUp()
  park('a', 1)
  park('b', 3)
  park('c', 5)
  acks.release(0)
  assert.deepEqual(settled, [])
  acks.release(3)
  assert.deepEqual(settled, ['a', 'b'])
  acks.release(3)
  assert.deepEqual(settled, ['a', 'b'])
  assert.ok(!acks.isEmpty)
  acks.release(5)
  assert.deepEqual(settled, ['a', 'b', 'c'])
  assert.ok(acks.isEmpty)
})

test('a duplicate whose offset lies before others is settled in its place', () => {
  const { acks, settled, park } = setUp()
  park('a', 5)
  park('b', 9)
  park('again', 5)
  park('first', 2)
  acks.release(5)
  assert.deepEqual(settled, ['first', 'a', 'again'])
})

test('a deadline refuses only those it is for, wherever they stand', () => {
  const { acks, settled, park } = setUp()
  park('a', 1, 300)
  park('b', 2, 100)
  park('c', 3, 200)
  assert.equal(acks.earliestDueMs(), 100)
  acks.expire(100, () => new Error('late'))
  assert.deepEqual(settled, ['b late'])
  assert.equal(acks.earliestDueMs(), 200)
  acks.release(3)
  assert.deepEqual(settled, ['b late', 'a', 'c'])
  assert.equal(acks.earliestDueMs(), Number.POSITIVE_INFINITY)
})

test('thousands that wait are settled one by one as the log goes on', () => {
  const { acks, settled, park } = setUp()
  for (let at = 1; at <= 5_000; at++) park(String(at), at)
  for (let at = 1; at <= 5_000; at++) {
    acks.release(at)
    assert.equal(settled.length, at)
  }
  assert.deepEqual(settled.slice(0, 3), ['1', '2', '3'])
  assert.ok(acks.isEmpty)
})

test('a failure refuses everything that waits', () => {
  const { acks, settled, park } = setUp()
  park('a', 1)
  park('b', 2)
  acks.fail(new Error('gone'))
  assert.deepEqual(settled, ['a gone', 'b gone'])
  assert.ok(acks.isEmpty)
})

test('one that is settled may park another', () => {
  const acks = new PendingAcks()
  let again = 0
  const settle = () => {
    if (++again < 3) acks.add({ endOffset: again, dueMs: 1, settle })
  }
  acks.add({ endOffset: 0, dueMs: 1, settle })
  acks.release(10)
  assert.equal(again, 3)
  assert.ok(acks.isEmpty)
})

test('each is settled exactly once, without an error exactly when it was passed in time', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('park' as const), by: fc.integer({ min: 0, max: 3 }) }),
    fc.record({ type: fc.constant('release' as const), by: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ type: fc.constant('expire' as const), by: fc.integer({ min: 0, max: 50 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3_000 }), (steps) => {
      const acks = new PendingAcks()
      const parked: { endOffset: number; dueMs: number; outcomes: (string | undefined)[] }[] = []
      let endOffset = 0
      let safeEndOffset = 0
      let nowMs = 0
      for (const { type, by } of steps) {
        if (type === 'park') {
          endOffset += by
          const one = { endOffset, dueMs: nowMs + 100, outcomes: [] as (string | undefined)[] }
          parked.push(one)
          acks.add({ ...one, settle: (error) => one.outcomes.push(error?.message) })
        } else if (type === 'release') {
          safeEndOffset = Math.min(endOffset, safeEndOffset + by)
          acks.release(safeEndOffset)
        } else {
          nowMs += by
          acks.expire(nowMs, () => new Error('late'))
        }
        assert.equal(
          acks.isEmpty,
          parked.every(({ outcomes }) => outcomes.length === 1),
        )
      }
      acks.fail(new Error('over'))
      for (const { outcomes, ...ack } of parked) {
        assert.equal(outcomes.length, 1)
        if (outcomes[0] === undefined) assert.ok(ack.endOffset <= safeEndOffset)
        if (outcomes[0] === 'late') assert.ok(ack.dueMs <= nowMs)
      }
    }),
    { verbose: true },
  )
})
