import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile } from './statistics.ts'

test('the median is the middle one, or the mean of the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.ok(Number.isNaN(median([])))
})

test('a percentile is a measured value that so many do not exceed', () => {
  const values = Float64Array.from({ length: 1000 }, (_, index) => index + 1)
  assert.equal(percentile(values, 0.5), 500)
  assert.equal(percentile(values, 0.99), 990)
  assert.equal(percentile(values, 0.999), 999)
  assert.equal(percentile(values.subarray(0, 1), 0.999), 1)
  assert.ok(Number.isNaN(percentile(new Float64Array(0), 0.5)))
})
