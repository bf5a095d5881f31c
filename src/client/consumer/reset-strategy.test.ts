import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../config/config-error.ts'
import { parseResetStrategy, resetTimestamp } from './reset-strategy.ts'

const NOW_MS = 1_767_225_600_000

for (const [text, timestamp] of [
  ['earliest', -2],
  ['latest', -1],
  ['by_duration:P1D', NOW_MS - 86_400_000],
  ['by_duration:PT1H', NOW_MS - 3_600_000],
  ['by_duration:P2DT3H4M5.5S', NOW_MS - (2 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5_500)],
  ['by_duration:PT0S', NOW_MS],
  ['by_duration:P99999D', 0],
] as const) {
  test(`${text} asks for the offset of ${timestamp}`, () => {
    const strategy = parseResetStrategy(text)
    assert.ok(strategy.type !== 'none')
    assert.equal(resetTimestamp(strategy, NOW_MS), timestamp)
  })
}

for (const text of [
  '',
  'smallest',
  'by_duration',
  'by_duration:',
  'by_duration:P',
  'by_duration:PT',
]) {
  test(`"${text}" is no strategy`, () => {
    assert.throws(() => parseResetStrategy(text), ConfigError)
  })
}
