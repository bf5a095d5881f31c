import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offsetsIn, TestShard } from '../shard-for-test.ts'

function shardWith(): TestShard {
  const s = new TestShard()
  s.changeTopic('t', 4)
  s.changeTopic('u', 1)
  return s
}

test('offsets of a topic go with it, of every group, and no others', () => {
  const s = shardWith()
  for (const group of ['g', 'h']) {
    s.commit(group, 't', { 0: 1, 3: 1 })
    s.commit(group, 'u', { 0: 1 })
  }
  s.changeTopic('t', 0)
  for (const shard of [s.shard, s.reloaded()]) {
    for (const group of ['g', 'h']) assert.deepEqual(offsetsIn(shard, group), { 'u-0': 1 })
  }
})

test('offsets of a topic that was deleted and made anew at once do not become the new one’s', () => {
  const s = shardWith()
  s.commit('g', 't', { 0: 1 })
  s.changeTopic('t', 4, 1)
  assert.deepEqual(s.offsetsOf('g'), {})
})

test('offsets stay when a topic grows', () => {
  const s = shardWith()
  s.commit('g', 't', { 0: 1 })
  s.changeTopic('t', 8)
  assert.deepEqual(s.offsetsOf('g'), { 't-0': 1 })
})

test('pending offsets of a topic that is gone never count', () => {
  const s = shardWith()
  s.commitIn(7, 'g', 't', 5)
  s.changeTopic('t', 0)
  s.endTransaction(7, true)
  for (const shard of [s.shard, s.reloaded()]) assert.deepEqual(offsetsIn(shard, 'g'), {})
})

test('at loading, offsets of a topic that was made anew meanwhile go, of one that is not there stay', () => {
  const s = shardWith()
  s.commit('g', 't', { 0: 1 })
  s.commit('g', 'u', { 0: 1 })
  s.changeTopicSilently('t', 4, 1)
  s.changeTopicSilently('u', 0)
  s.load()
  assert.deepEqual(s.offsetsOf('g'), { 'u-0': 1 })
})

test('more than one turn takes goes all the same', () => {
  const s = shardWith()
  const many = { 0: 1, 1: 1, 2: 1, 3: 1 }
  for (let group = 0; group < 1_500; group++) s.commit(`g${group}`, 't', many)
  s.commit('g0', 'u', { 0: 1 })
  s.changeTopic('t', 0)
  assert.equal(s.shard.offsets.size, 1)
})

test('consumer groups look again at topics that they read, others do not', () => {
  const s = shardWith()
  s.joinConsumer('reads-t', ['t'])
  s.joinConsumer('reads-u', ['u'])
  s.joinClassic('classic', ['t'])
  s.changeTopic('t', 8)
  const isStale = (groupId: string) => {
    const group = s.shard.group(groupId)
    return group?.type === 'consumer' && group.isMetadataStale
  }
  assert.deepEqual(['reads-t', 'reads-u', 'classic'].map(isStale), [true, false, false])
})
