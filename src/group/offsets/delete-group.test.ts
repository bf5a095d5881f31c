import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offsetsIn, refusalOf, TestShard } from '../shard-for-test.ts'

function shardWith(): TestShard {
  const s = new TestShard()
  s.changeTopic('t', 4)
  return s
}

const deletion = { type: 'delete-group', groupId: 'g' } as const

type Leave = (s: TestShard) => void
/** Groups with an offset, and how their last member goes. */
const kinds: Readonly<Record<string, (s: TestShard) => Leave>> = {
  'of nobody': (s) => {
    s.commit('g', 't', { 0: 1 })
    return () => {}
  },
  classic: (s) => {
    const member = s.joinClassic('g', ['t'])
    s.commit('g', 't', { 0: 1 }, member)
    return () => s.leaveClassic('g', member)
  },
  consumer: (s) => {
    const member = s.joinConsumer('g', ['t'])
    s.commit('g', 't', { 0: 1 }, member)
    return () => s.leaveConsumer('g', member)
  },
}
for (const [kind, make] of Object.entries(kinds)) {
  test(`a group ${kind} goes with all its offsets once nobody is in it`, () => {
    const s = shardWith()
    const leave = make(s)
    if (kind !== 'of nobody') {
      assert.equal(
        refusalOf(() => s.submit(deletion)),
        'NON_EMPTY_GROUP',
      )
    }
    leave(s)
    s.commitIn(7, 'g', 't', 50, 3)
    assert.deepEqual(s.submit(deletion), {})
    s.endTransaction(7, true)
    for (const shard of [s.shard, s.reloaded()]) {
      assert.equal(shard.group('g'), undefined)
      assert.deepEqual(offsetsIn(shard, 'g'), {})
    }
    assert.equal(
      refusalOf(() => s.submit(deletion)),
      'GROUP_ID_NOT_FOUND',
    )
  })
}
