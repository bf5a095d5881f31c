import assert from 'node:assert/strict'
import { test } from 'node:test'
import { text } from './coordinator-for-test.ts'
import { describeClassic } from './describe.ts'
import { rowsOf, sceneIn } from './phases-for-test.ts'

test('each phase has the name that tools print, and only a stable group shows metadata', () => {
  for (const [phase, [groupState, protocolData, metadata]] of rowsOf({
    empty: ['Empty', '', []],
    'preparing-rebalance': ['PreparingRebalance', '', ['', '']],
    'completing-rebalance': ['CompletingRebalance', '', ['', '']],
    stable: ['Stable', 'range', ['topics', 'topics']],
    dead: ['Dead', '', ['', '']],
  } as const)) {
    const row = describeClassic(sceneIn(phase).coordinator.group!)
    assert.deepEqual(
      [row.groupState, row.protocolData, row.members.map((one) => text(one.memberMetadata))],
      [groupState, protocolData, metadata],
    )
    assert.equal(row.protocolType, 'consumer')
  }
})

test('members are shown with their assignment and where they are', () => {
  const { coordinator, leader } = sceneIn('stable')
  const { members } = describeClassic(coordinator.group!)
  const member = members.find(({ memberId }) => memberId === leader)!
  assert.deepEqual(
    { ...member, memberAssignment: text(member.memberAssignment), memberMetadata: '' },
    {
      memberId: leader,
      groupInstanceId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      memberMetadata: '',
      memberAssignment: `part of ${leader}`,
    },
  )
})
