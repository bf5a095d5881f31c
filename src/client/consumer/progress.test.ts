import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Progress } from './progress.ts'

test('what is committed ends at the first record that is not done', () => {
  const progress = new Progress(10)
  progress.given([10, 11, 12], 13)
  progress.done(11)
  assert.equal(progress.committable, 10)
  progress.done(10)
  assert.equal(progress.committable, 12)
  assert.equal(progress.unfinished, 1)
  progress.done(12)
  assert.equal(progress.committable, 13)
})

test('markers and holes behind the last record that is done are committed with it', () => {
  const progress = new Progress(0)
  progress.given([3], 9)
  assert.equal(progress.committable, 3)
  progress.done(3)
  assert.equal(progress.committable, 9)
  progress.given([], 12)
  assert.equal(progress.committable, 12)
})

test('a record that was never given out, or is done, changes nothing', () => {
  const progress = new Progress(0)
  progress.given([0, 1], 2)
  progress.done(7)
  progress.done(1)
  progress.done(1)
  assert.equal(progress.committable, 0)
})

test('nothing is given out twice', () => {
  const progress = new Progress(5)
  assert.throws(() => progress.given([4], 5), /offset 4 was given out already, up to 5/)
})

test('in whatever order records are done, no unfinished one lies before what is committed', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(gaps, fc.infiniteStream(fc.nat()), (gaps, choices) => {
      const offsets = gaps.map((_, n) => gaps.slice(0, n + 1).reduce((sum, gap) => sum + gap, -1))
      const end = offsets.at(-1)! + 2
      const progress = new Progress(0)
      progress.given(offsets, end)
      const open = new Set(offsets)
      while (open.size > 0) {
        const [choice = 0] = choices.take(1)
        const offset = [...open][choice % open.size]!
        progress.done(offset)
        open.delete(offset)
        assert.equal(progress.committable, open.size === 0 ? end : Math.min(...open))
        assert.equal(progress.unfinished, open.size)
      }
    }),
  )
})
