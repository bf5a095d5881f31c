import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Assignor, GroupMember, TopicRacks } from './assignor.ts'
import { rangeAssignor } from './range.ts'
import { roundRobinAssignor } from './round-robin.ts'

function member(memberId: string, topics: string, more: Partial<GroupMember> = {}): GroupMember {
  return { memberId, topics: topics.split(' '), groupInstanceId: null, rackId: null, ...more }
}

/** A topic without racks. */
const plain = (count: number): TopicRacks => Array.from({ length: count }, () => [])

/** `a-0 a-1` for each member. */
function shown(
  assignor: Assignor,
  topics: Readonly<Record<string, TopicRacks>>,
  members: readonly GroupMember[],
): Record<string, string> {
  const assignment = assignor.assign(new Map(Object.entries(topics)), members)
  return Object.fromEntries(
    [...assignment].map(([memberId, partitions]) => [
      memberId,
      partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' '),
    ]),
  )
}

test('range gives neighbours, and the rest to the first members of every topic', () => {
  const members = [member('y', 'a b'), member('x', 'a b')]
  assert.deepEqual(shown(rangeAssignor, { a: plain(3), b: plain(3) }, members), {
    x: 'a-0 a-1 b-0 b-1',
    y: 'a-2 b-2',
  })
})

test('range follows replicas where that takes nothing from anybody', () => {
  const members = [member('x', 'a', { rackId: 'r2' }), member('y', 'a', { rackId: 'r1' })]
  assert.deepEqual(shown(rangeAssignor, { a: [['r1'], ['r1'], ['r2'], ['r2']] }, members), {
    x: 'a-2 a-3',
    y: 'a-0 a-1',
  })
})

test('range keeps partitions of the same number together where it follows replicas', () => {
  const members = [member('x', 'a b', { rackId: 'r2' }), member('y', 'a b', { rackId: 'r1' })]
  const racks = [['r1'], ['r2']]
  assert.deepEqual(shown(rangeAssignor, { a: racks, b: racks }, members), {
    x: 'a-1 b-1',
    y: 'a-0 b-0',
  })
})

test('round robin goes on with the next member at the next topic', () => {
  const members = [member('y', 'a b'), member('x', 'a b')]
  assert.deepEqual(shown(roundRobinAssignor, { a: plain(3), b: plain(3) }, members), {
    x: 'a-0 a-2 b-1',
    y: 'a-1 b-0 b-2',
  })
})

test('round robin passes members that do not want the topic', () => {
  const members = [member('x', 'a'), member('y', 'a b'), member('z', 'a b c')]
  assert.deepEqual(shown(roundRobinAssignor, { a: plain(1), b: plain(2), c: plain(3) }, members), {
    x: 'a-0',
    y: 'b-0',
    z: 'b-1 c-0 c-1 c-2',
  })
})

for (const assignor of [rangeAssignor, roundRobinAssignor]) {
  const { name } = assignor

  test(`${name}: static members come first, by instance id, whatever their member ids`, () => {
    const members = [member('a', 't'), member('z', 't', { groupInstanceId: 'i' })]
    assert.deepEqual(shown(assignor, { t: plain(1) }, members), { a: '', z: 't-0' })
  })

  test(`${name}: topics that do not exist are nobody's`, () => {
    assert.deepEqual(shown(assignor, {}, [member('x', 't')]), { x: '' })
  })

  test(`${name}: every partition that anybody wants has one owner, who wants it, in any order`, () => {
    const racks = fc.uniqueArray(fc.constantFrom('r1', 'r2', 'r3'), { maxLength: 3 })
    const topics = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.array(racks, { maxLength: 8 }))
    const wishes = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
    const rackId = fc.constantFrom(null, '', 'r1', 'r2', 'r9')
    const group = fc.array(fc.record({ wishes, rackId }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(topics, group, (topics, group) => {
        const members = group.map(({ wishes, rackId }, n) => {
          return member(`m${n}`, wishes.join(' '), { rackId })
        })
        const all = new Map(Object.entries(topics))
        const assignment = assignor.assign(all, members)
        const seen = new Set<string>()
        for (const { memberId, topics: wanted } of members) {
          for (const { topic, partition } of assignment.get(memberId)!) {
            assert.ok(wanted.includes(topic))
            assert.ok(!seen.has(`${topic}-${partition}`))
            seen.add(`${topic}-${partition}`)
          }
        }
        const isWanted = (topic: string) => members.some((one) => one.topics.includes(topic))
        let count = 0
        for (const [topic, partitions] of all) if (isWanted(topic)) count += partitions.length
        assert.equal(seen.size, count)
        const again = assignor.assign(all, members.toReversed())
        for (const [memberId, partitions] of assignment) {
          assert.deepEqual(again.get(memberId), partitions)
        }
      }),
    )
  })
}
