import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClassicGroupRecord } from '../records.ts'
import { applyClassic } from './apply.ts'
import { stableGroup, text } from './coordinator-for-test.ts'
import type { ClassicGroup } from './group.ts'
import { groupRecord, groupTombstone } from './record.ts'

type Stored = NonNullable<ClassicGroupRecord['value']>

const value: Stored = {
  protocolType: 'consumer',
  generation: 4,
  protocol: 'range',
  leader: 'm',
  currentStateTimestamp: 17,
  members: [
    {
      memberId: 'm',
      groupInstanceId: 'i',
      clientId: 'client',
      clientHost: '/10.0.0.1',
      rebalanceTimeout: 60_000,
      sessionTimeout: 10_000,
      subscription: Buffer.from('topics'),
      assignment: Buffer.from('part'),
    },
  ],
}

function groupOf(changes: Partial<Stored> = {}): ClassicGroup {
  const record = { type: 'classic-group', key: { group: 'g' }, value: { ...value, ...changes } }
  return applyClassic(undefined, record as ClassicGroupRecord)!
}

test('a record with members is a stable group, one without is an empty one', () => {
  const stable = groupOf()
  assert.deepEqual(
    [stable.phase, stable.generation, stable.leaderId, stable.phaseSinceMs],
    ['stable', 4, 'm', 17],
  )
  assert.equal(stable.staticMembers.get('i'), 'm')
  const empty = groupOf({ members: [], leader: null, protocol: null })
  assert.deepEqual([empty.phase, empty.protocolType], ['empty', 'consumer'])
})

test('records of older versions lack times', () => {
  const [old] = value.members.map((member) => ({ ...member, rebalanceTimeout: -1 }))
  const group = groupOf({ currentStateTimestamp: -1, members: [old!] })
  assert.equal(group.phaseSinceMs, undefined)
  assert.equal(group.members.get('m')?.rebalanceTimeoutMs, 10_000)
  assert.equal(groupRecord(group).value?.currentStateTimestamp, -1)
})

test('a group that nobody ever joined has no protocol type', () => {
  assert.equal(groupOf({ protocolType: '', members: [] }).protocolType, null)
})

test('a tombstone ends the group', () => {
  assert.equal(applyClassic(groupOf(), groupTombstone('g')), undefined)
})

test('a group keeps no view of the buffer that a record was read from', () => {
  const [stored] = value.members
  const [subscription, assignment] = [Buffer.from('topics'), Buffer.from('part')]
  const group = groupOf({ members: [{ ...stored!, subscription, assignment }] })
  subscription.fill(0)
  assignment.fill(0)
  const member = group.members.get('m')!
  assert.deepEqual(
    [text(member.protocols[0]!.metadata), text(member.assignment)],
    ['topics', 'part'],
  )
})

test('a stable group is what its record tells, and nothing else', () => {
  const { coordinator } = stableGroup([{}, { instanceId: 'i' }, { clientId: 'other' }])
  const { group } = coordinator
  assert.deepEqual(applyClassic(undefined, groupRecord(group!)), group)
  assert.deepEqual(applyClassic(undefined, coordinator.records.at(-1)!), group)
})
