import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOBODY, offsetsIn, TestShard } from '../shard-for-test.ts'

const MINUTE = 60_000
/** Looks every minute; offsets are kept for ten. */
const settings = {
  'offsets.retention.minutes': 10,
  'offsets.retention.check.interval.ms': MINUTE,
}

function shardWith(): TestShard {
  const s = new TestShard(settings)
  s.changeTopic('t', 4)
  s.changeTopic('u', 1)
  return s
}

/** Offsets and whether there is a group, live and after a restart. */
function assertHas(s: TestShard, groupId: string, offsets: Readonly<Record<string, number>>): void {
  for (const shard of [s.shard, s.reloaded()]) assert.deepEqual(offsetsIn(shard, groupId), offsets)
}

function assertGone(s: TestShard, groupId: string): void {
  assertHas(s, groupId, {})
  for (const shard of [s.shard, s.reloaded()]) assert.equal(shard.group(groupId), undefined)
}

test('offsets of nobody expire by their commit, each for itself, and the group with the last', () => {
  const s = shardWith()
  s.commit('g', 't', { 0: 1 })
  s.advance(5 * MINUTE)
  s.commit('g', 't', { 1: 2 })
  s.advance(5 * MINUTE - 1)
  assertHas(s, 'g', { 't-0': 1, 't-1': 2 })
  s.advance(MINUTE)
  assertHas(s, 'g', { 't-1': 2 })
  assert.notEqual(s.shard.group('g'), undefined)
  s.advance(5 * MINUTE)
  assertGone(s, 'g')
})

test('offsets of a classic group that has become empty expire from then on', () => {
  const s = shardWith()
  const member = s.joinClassic('g', ['t'])
  s.commit('g', 't', { 0: 1 }, member)
  for (let minute = 0; minute < 30; minute++) {
    for (let beat = 0; beat < 10; beat++) {
      s.advance(MINUTE / 10)
      s.commit('g', 't', { 1: 1 }, member)
    }
  }
  s.leaveClassic('g', member)
  s.advance(9 * MINUTE)
  assertHas(s, 'g', { 't-0': 1, 't-1': 1 })
  s.advance(2 * MINUTE)
  assertGone(s, 'g')
})

test('of a classic group at work, offsets of topics that it reads stay, of others they expire', () => {
  const s = shardWith()
  const member = s.joinClassic('g', ['t'])
  s.commit('g', 'u', { 0: 1 }, member)
  for (let beat = 0; beat < 120; beat++) {
    s.commit('g', 't', { 0: 1 }, member)
    s.advance(MINUTE / 10)
  }
  assertHas(s, 'g', { 't-0': 1 })
})

test('offsets of a group of another protocol stay as long as it has members', () => {
  const s = shardWith()
  const member = s.joinClassic('g', [], 'connect')
  s.commit('g', 'u', { 0: 1 }, member)
  for (let beat = 0; beat < 120; beat++) {
    s.commit('g', 't', { 0: 1 }, member)
    s.advance(MINUTE / 10)
  }
  assertHas(s, 'g', { 't-0': 1, 'u-0': 1 })
})

test('offsets of a consumer group expire by their commit, save for topics that it reads', () => {
  const s = shardWith()
  const member = s.joinConsumer('g', ['t'])
  s.commit('g', 't', { 0: 1 }, member)
  s.commit('g', 'u', { 0: 2 }, member)
  s.leaveConsumer('g', member)
  s.advance(9 * MINUTE)
  s.joinConsumer('g', ['t'])
  s.happened({ type: 'expire' })
  assertHas(s, 'g', { 't-0': 1, 'u-0': 2 })
  s.advance(MINUTE - 30_000)
  s.joinConsumer('g', ['t'])
  s.advance(30_000)
  s.happened({ type: 'expire' })
  assertHas(s, 'g', { 't-0': 1 })
})

test('a consumer group without members goes with its last offset', () => {
  const s = shardWith()
  const member = s.joinConsumer('g', ['t'])
  s.commit('g', 't', { 0: 1 }, member)
  s.leaveConsumer('g', member)
  s.advance(11 * MINUTE)
  assertGone(s, 'g')
})

test('an empty group without offsets goes at the next look', () => {
  const s = shardWith()
  s.leaveClassic('classic', s.joinClassic('classic'))
  s.leaveConsumer('consumer', s.joinConsumer('consumer', ['t']))
  s.advance(MINUTE)
  assertGone(s, 'classic')
  assertGone(s, 'consumer')
})

test('a group with members stays, with or without offsets', () => {
  const s = shardWith()
  s.joinClassic('classic', ['t'])
  const member = s.joinConsumer('consumer', ['t'])
  s.commit('consumer', 'u', { 0: 1 }, member, { version: 9 })
  s.advance(5_000)
  s.happened({ type: 'expire' })
  for (const groupId of ['classic', 'consumer']) {
    for (const shard of [s.shard, s.reloaded()]) assert.notEqual(shard.group(groupId), undefined)
  }
})

test('a retention that an old client wished for takes the place of the broker’s', () => {
  const s = shardWith()
  const wish = { version: 2, retentionTimeMs: 2 * MINUTE }
  s.commit('short', 't', { 0: 1 }, NOBODY, wish)
  s.commit('long', 't', { 0: 1 }, NOBODY, { ...wish, retentionTimeMs: 60 * MINUTE })
  s.advance(2 * MINUTE)
  assertGone(s, 'short')
  s.advance(50 * MINUTE)
  assertHas(s, 'long', { 't-0': 1 })
  s.advance(10 * MINUTE)
  assertGone(s, 'long')
})

test('what an open transaction may change does not expire, nor does its group', () => {
  const s = shardWith()
  s.commit('g', 't', { 0: 1, 1: 1 })
  s.commitIn(7, 'g', 't', 5)
  s.advance(20 * MINUTE)
  assertHas(s, 'g', { 't-0': 1 })
  s.commitIn(8, 'pending', 't', 5)
  s.advance(20 * MINUTE)
  assert.notEqual(s.shard.group('pending'), undefined)
  s.endTransaction(7, false)
  s.endTransaction(8, false)
  s.advance(MINUTE)
  assertGone(s, 'g')
  assertGone(s, 'pending')
})

test('more than one turn takes expires all the same, in one go', () => {
  const s = shardWith()
  const many = Object.fromEntries(Array.from({ length: 4 }, (_, partition) => [partition, 1]))
  for (let group = 0; group < 1_500; group++) s.commit(`g${group}`, 't', many)
  s.commit('kept', 't', many)
  s.advance(9 * MINUTE)
  s.commit('kept', 't', many)
  s.advance(MINUTE)
  assert.equal(s.shard.offsets.size, 4)
  assert.deepEqual(
    [...s.shard.groups()].map(({ groupId }) => groupId),
    ['kept'],
  )
})
