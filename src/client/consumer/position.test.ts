import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ASSIGNED,
  committedFound,
  consumed,
  endsSeen,
  isReadable,
  lagOf,
  leaderSeen,
  type PartitionState,
  type Phase,
  positionOf,
  resetFound,
  resetting,
  sought,
  validated,
} from './position.ts'
import type { ResetStrategy } from './reset-strategy.ts'

const NONE: ResetStrategy = { type: 'none' }
const EARLIEST = { type: 'earliest' } as const
const LEADER = { leaderId: 1, leaderEpoch: 5 }

/** Reads at 10, whose record before is of epoch 4, validated at the leader of epoch 5. */
const validating = leaderSeen(sought(ASSIGNED, 10, 4), LEADER, true)
const asked = positionOf(validating)!

test('a committed offset is where reading begins, with its epoch', () => {
  const state = committedFound(ASSIGNED, { offset: 7, leaderEpoch: 3 }, NONE)
  assert.equal(state.phase.type, 'reading')
  assert.deepEqual(positionOf(state), {
    offset: 7,
    offsetEpoch: 3,
    leader: { leaderId: -1, leaderEpoch: -1 },
  })
})

for (const [strategy, phase] of [
  [EARLIEST, { type: 'resetting', to: EARLIEST }],
  [NONE, { type: 'failed', reason: { type: 'no-offset' } }],
] as const satisfies [ResetStrategy, Phase][]) {
  test(`without a committed offset ${strategy.type} leads to ${phase.type}`, () => {
    assert.deepEqual(committedFound(ASSIGNED, undefined, strategy).phase, phase)
  })
}

test('a committed offset that comes after a seek changes nothing', () => {
  const state = sought(ASSIGNED, 3)
  assert.equal(committedFound(state, { offset: 7, leaderEpoch: 3 }, EARLIEST), state)
})

test('an answer to an earlier reset changes nothing', () => {
  const again = resetting(resetting(ASSIGNED, { type: 'latest' }), EARLIEST)
  assert.equal(resetFound(again, { type: 'latest' }, { offset: 9, leaderEpoch: 1 }), again)
  const found = resetFound(again, EARLIEST, { offset: 2, leaderEpoch: 1 })
  assert.equal(positionOf(found)?.offset, 2)
})

for (const { name, epoch, leader, canValidate, phase } of [
  { name: 'a new leader', epoch: 4, leader: LEADER, canValidate: true, phase: 'validating' },
  { name: 'an unknown epoch', epoch: -1, leader: LEADER, canValidate: true, phase: 'reading' },
  { name: 'an old broker', epoch: 4, leader: LEADER, canValidate: false, phase: 'reading' },
  {
    name: 'a leader without epoch',
    epoch: 4,
    leader: { leaderId: 1, leaderEpoch: -1 },
    canValidate: true,
    phase: 'reading',
  },
]) {
  test(`after ${name} the position is ${phase}`, () => {
    const state = leaderSeen(sought(ASSIGNED, 10, epoch), leader, canValidate)
    assert.equal(state.phase.type, phase)
    assert.deepEqual(positionOf(state)?.leader, leader)
  })
}

test('the same leader again changes nothing', () => {
  assert.equal(leaderSeen(validating, LEADER, true), validating)
})

for (const { says, endOffset, leaderEpoch, strategy, phase } of [
  { says: 'goes on behind', endOffset: 12, leaderEpoch: 4, strategy: NONE, phase: 'reading at 10' },
  { says: 'ends there', endOffset: 10, leaderEpoch: 4, strategy: NONE, phase: 'reading at 10' },
  { says: 'was cut', endOffset: 8, leaderEpoch: 3, strategy: EARLIEST, phase: 'reading at 8' },
  { says: 'was cut', endOffset: 8, leaderEpoch: 3, strategy: NONE, phase: 'failed truncated 8' },
  { says: 'is another', endOffset: -1, leaderEpoch: -1, strategy: EARLIEST, phase: 'resetting' },
  {
    says: 'is another',
    endOffset: -1,
    leaderEpoch: -1,
    strategy: NONE,
    phase: 'failed truncated -1',
  },
]) {
  test(`a log that ${says} makes it, with ${strategy.type}, ${phase}`, () => {
    const state = validated(validating, asked, { endOffset, leaderEpoch }, strategy)
    assert.equal(summary(state), phase)
  })
}

test('what was validated for another position is void', () => {
  const elsewhere = leaderSeen(sought(validating, 20, 4), LEADER, true)
  const answer = { endOffset: 0, leaderEpoch: 0 }
  assert.equal(validated(elsewhere, asked, answer, EARLIEST), elsewhere)
})

test('records that were prefetched before a seek do not move the position', () => {
  const reading = sought(ASSIGNED, 10)
  assert.equal(positionOf(consumed(reading, 10, 15, 4))?.offset, 15)
  const moved = sought(reading, 3)
  assert.equal(consumed(moved, 10, 15, 4), moved)
})

test('lag counts to the last stable offset only for who reads what is committed', () => {
  const ends = { logStartOffset: 0, highWatermark: 30, lastStableOffset: 20 }
  const state = endsSeen(sought(ASSIGNED, 10), ends)
  assert.equal(lagOf(state, false), 20)
  assert.equal(lagOf(state, true), 10)
  assert.equal(lagOf(sought(ASSIGNED, 10), false), undefined)
  const untold = { logStartOffset: -1, highWatermark: -1, lastStableOffset: -1 }
  assert.deepEqual(endsSeen(state, untold).ends, ends)
})

test('whatever happens, a paused or unvalidated partition is never readable', () => {
  const epoch = fc.integer({ min: -1, max: 3 })
  const offset = fc.nat(20)
  const event = fc.oneof(
    fc.tuple(offset, epoch).map(
      ([o, e]) =>
        (s: PartitionState) =>
          sought(s, o, e),
    ),
    fc.tuple(epoch, fc.boolean()).map(
      ([leaderEpoch, can]) =>
        (s: PartitionState) =>
          leaderSeen(s, { leaderId: 1, leaderEpoch }, can),
    ),
    fc.tuple(offset, epoch).map(([endOffset, leaderEpoch]) => (s: PartitionState) => {
      const position = positionOf(s)
      return position ? validated(s, position, { endOffset, leaderEpoch }, NONE) : s
    }),
    fc.boolean().map((isPaused) => (s: PartitionState) => ({ ...s, isPaused })),
    offset.map((o) => (s: PartitionState) => consumed(s, positionOf(s)?.offset ?? 0, o, 1)),
    fc.constant((s: PartitionState) => resetting(s, EARLIEST)),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let state = ASSIGNED
      for (const apply of events) {
        state = apply(state)
        assert.equal(isReadable(state), state.phase.type === 'reading' && !state.isPaused)
        if (state.phase.type === 'validating') assert.ok(state.phase.position.offsetEpoch >= 0)
      }
    }),
  )
})

function summary({ phase }: PartitionState): string {
  if (phase.type === 'reading') return `reading at ${phase.position.offset}`
  if (phase.type !== 'failed') return phase.type
  const { reason } = phase
  return `failed ${reason.type}${reason.type === 'truncated' ? ` ${reason.endOffset}` : ''}`
}
