import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '../../protocol/errors.ts'
import { callerOf, offsetsIn, refusalOf, TestShard } from '../shard-for-test.ts'

function shardWith(): TestShard {
  const s = new TestShard()
  s.changeTopic('t', 4)
  s.changeTopic('u', 1)
  return s
}

function commitBoth(s: TestShard, groupId: string, member?: ReturnType<TestShard['joinClassic']>) {
  s.commit(groupId, 't', { 0: 5, 1: 6 }, member)
  s.commit(groupId, 'u', { 0: 7 }, member)
}

/** Deletes offsets of partitions by topic. @returns the error codes. */
function deleteOffsets(
  s: TestShard,
  groupId: string,
  partitions: Readonly<Record<string, readonly number[]>>,
): readonly number[] {
  const topics = Object.entries(partitions).map(([name, indexes]) => ({
    name,
    partitions: indexes.map((partitionIndex) => ({ partitionIndex })),
  }))
  const answer = s.submit({
    type: 'offset-delete',
    caller: callerOf(0),
    request: { groupId, topics },
  })
  return answer.topics.flatMap((one) => one.partitions.map(({ errorCode }) => errorCode))
}

test('offsets that are deleted are gone, also after a restart; those that were not there succeed', () => {
  const s = shardWith()
  commitBoth(s, 'g')
  const written = s.log.length
  assert.deepEqual(deleteOffsets(s, 'g', { t: [0, 3], u: [0] }), [0, 0, 0])
  assert.equal(s.log.length, written + 2)
  for (const shard of [s.shard, s.reloaded()]) assert.deepEqual(offsetsIn(shard, 'g'), { 't-1': 6 })
})

const kinds = {
  classic: (s: TestShard) => s.joinClassic('g', ['t']),
  consumer: (s: TestShard) => s.joinConsumer('g', ['t']),
}
for (const [kind, join] of Object.entries(kinds)) {
  test(`offsets of topics that a ${kind} group reads stay, of others they go`, () => {
    const s = shardWith()
    commitBoth(s, 'g', join(s))
    const { code } = errors.GROUP_SUBSCRIBED_TO_TOPIC
    assert.deepEqual(deleteOffsets(s, 'g', { t: [0, 1], u: [0] }), [code, code, 0])
    assert.deepEqual(s.offsetsOf('g'), { 't-0': 5, 't-1': 6 })
  })
}

test('a group of another protocol with members is NON_EMPTY_GROUP, without them it is not', () => {
  const s = shardWith()
  const member = s.joinClassic('g', [], 'connect')
  commitBoth(s, 'g', member)
  assert.equal(
    refusalOf(() => deleteOffsets(s, 'g', { u: [0] })),
    'NON_EMPTY_GROUP',
  )
  s.leaveClassic('g', member)
  assert.deepEqual(deleteOffsets(s, 'g', { u: [0] }), [0])
})

test('an unknown group is GROUP_ID_NOT_FOUND', () => {
  assert.equal(
    refusalOf(() => deleteOffsets(shardWith(), 'g', { t: [0] })),
    'GROUP_ID_NOT_FOUND',
  )
})

test('offsets of an open transaction go too', () => {
  const s = shardWith()
  s.commitIn(7, 'g', 't', 50)
  assert.deepEqual(deleteOffsets(s, 'g', { t: [0] }), [0])
  s.endTransaction(7, true)
  for (const shard of [s.shard, s.reloaded()]) assert.deepEqual(offsetsIn(shard, 'g'), {})
})
