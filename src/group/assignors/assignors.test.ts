import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../kernel/seeded-random.ts'
import { assignors } from './all.ts'
import type { Assignor, AssignorInput, AssignorResult, MemberSubscription } from './assignor.ts'
import { inputOf, type Layout, newLayout, nextLayout } from './layout-fixtures-for-test.ts'
import { range } from './range.ts'
import { uniform } from './uniform.ts'

const SEEDS = 150
const STEPS = 5

const A = 'AAAAAAAAAAAAAAAAAAAAAQ'
const B = 'AAAAAAAAAAAAAAAAAAAAAg'

/** Every layout of every seed, with what the assignor makes of it. */
function* walk(assignor: Assignor): Generator<[string, Layout, AssignorResult]> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed)
    let layout = newLayout(random)
    for (let step = 0; step < STEPS; step++) {
      const result = assignor.assign(inputOf(layout))
      yield [`seed ${seed} step ${step}`, layout, result]
      layout = nextLayout(random, layout, result)
    }
  }
}

const loadOf = (own: ReadonlyMap<string, readonly number[]> | undefined): number =>
  [...(own?.values() ?? [])].reduce((sum, partitions) => sum + partitions.length, 0)

for (const assignor of Object.values(assignors)) {
  test(`${assignor.name} gives each subscribed partition to exactly one subscriber`, () => {
    for (const [where, { topics, members }, result] of walk(assignor)) {
      const owners = new Map<string, string>()
      for (const [memberId, own] of result) {
        for (const [topicId, partitions] of own) {
          assert.ok(members.get(memberId)!.topicIds.has(topicId), `${where}: not subscribed`)
          assert.notEqual(partitions.length, 0, `${where}: an empty topic`)
          for (const partition of partitions) {
            const key = `${topicId}:${partition}`
            assert.ok(partition < topics.get(topicId)!, `${where}: ${key} does not exist`)
            assert.ok(!owners.has(key), `${where}: ${key} has two owners`)
            owners.set(key, memberId)
          }
        }
      }
      const subscribed = new Set([...members.values()].flatMap(({ topicIds }) => [...topicIds]))
      const wanted = [...subscribed].reduce((sum, id) => sum + topics.get(id)!, 0)
      assert.equal(owners.size, wanted, `${where}: partitions without an owner`)
      assert.deepEqual([...result.keys()].toSorted(), [...members.keys()].toSorted(), where)
    }
  })

  test(`${assignor.name} answers the same when asked again, and with nothing changed nothing moves`, () => {
    for (const [where, layout, result] of walk(assignor)) {
      assert.deepEqual(assignor.assign(inputOf(layout)), result, where)
      const members = new Map<string, MemberSubscription>()
      for (const [id, member] of layout.members)
        members.set(id, { ...member, assigned: result.get(id)! })
      const again = assignor.assign(inputOf({ ...layout, members }))
      assert.deepEqual(sorted(again), sorted(result), where)
    }
  })
}

function sorted(result: AssignorResult): readonly unknown[] {
  return [...result].map(([id, own]) => [
    id,
    [...own].map(([t, p]) => [t, p.toSorted()]).toSorted(),
  ])
}

test('uniform gives members with equal subscriptions equally many partitions, within one', () => {
  for (const [where, { members, isHomogeneous }, result] of walk(uniform)) {
    if (!isHomogeneous) continue
    const loads = [...members.keys()].map((id) => loadOf(result.get(id)))
    assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, `${where}: ${loads}`)
  }
})

test('uniform leaves no partition with a member that has two more than another subscriber', () => {
  for (const [where, { members }, result] of walk(uniform)) {
    for (const [memberId, own] of result) {
      for (const topicId of own.keys()) {
        for (const [otherId, other] of members) {
          if (!other.topicIds.has(topicId)) continue
          const difference = loadOf(own) - loadOf(result.get(otherId))
          assert.ok(difference <= 1, `${where}: ${memberId} has ${difference} more than ${otherId}`)
        }
      }
    }
  }
})

test('uniform takes from equal subscribers only what they have beyond their share', () => {
  for (const [where, layout, result] of walk(uniform)) {
    if (!layout.isHomogeneous) continue
    const total = [...result.values()].reduce((sum, own) => sum + loadOf(own), 0)
    const share = Math.floor(total / layout.members.size)
    for (const [memberId, { assigned, topicIds }] of layout.members) {
      const had = [...assigned].filter(([topicId]) => topicIds.has(topicId))
      const kept = had.flatMap(([topicId, partitions]) =>
        partitions.filter((one) => result.get(memberId)!.get(topicId)?.includes(one)),
      )
      const least = Math.min(share, loadOf(new Map(had)))
      assert.ok(kept.length >= least, `${where}: ${memberId} kept ${kept.length} of ${least}`)
    }
  }
})

test('what a member was to have counts only where it is there and nobody else was to have it', () => {
  for (const isHomogeneous of [true, false]) {
    const had = new Map([[A, [99, 98, -1, 0, 1, 2, 3, 4]]])
    const both = { ...member([A]), assigned: had }
    const members = isHomogeneous ? { a: both, b: both } : { a: both, b: both, c: member([B]) }
    for (const assignor of Object.values(assignors)) {
      const result = assignor.assign(group(members, isHomogeneous))
      const given = ['a', 'b'].flatMap((id) => result.get(id)!.get(A) ?? [])
      assert.deepEqual(given.toSorted(), [0, 1, 2, 3, 4], assignor.name)
      assert.ok(Math.abs(loadOf(result.get('a')) - loadOf(result.get('b'))) <= 1, assignor.name)
    }
  }
})

test('a group without members gets nothing', () => {
  const nobody: Layout = { topics: new Map(), members: new Map(), isHomogeneous: true }
  for (const assignor of Object.values(assignors))
    assert.deepEqual(assignor.assign(inputOf(nobody)), new Map())
})

function member(topicIds: readonly string[], instanceId: string | null = null): MemberSubscription {
  return { rackId: null, instanceId, topicIds: new Set(topicIds), assigned: new Map() }
}

function group(members: Record<string, MemberSubscription>, isHomogeneous: boolean): AssignorInput {
  const topics = new Map(Object.entries({ [A]: 5, [B]: 3 }))
  return inputOf({ topics, members: new Map(Object.entries(members)), isHomogeneous })
}

test('range cuts every topic by member id, the first ranges one longer', () => {
  const both = member([A, B])
  assert.deepEqual(
    range.assign(group({ y: both, x: both }, true)),
    new Map([
      [
        'x',
        new Map([
          [A, [0, 1, 2]],
          [B, [0, 1]],
        ]),
      ],
      [
        'y',
        new Map([
          [A, [3, 4]],
          [B, [2]],
        ]),
      ],
    ]),
  )
})

test('range puts static members first, by their instance ids', () => {
  const members = { a: member([A]), b: member([A], 'second'), c: member([A], 'first') }
  const result = range.assign(group(members, true))
  assert.deepEqual(
    [...result].map(([id, own]) => [id, own.get(A)]),
    [
      ['c', [0, 1]],
      ['b', [2, 3]],
      ['a', [4]],
    ],
  )
})

test('500 members over 1,000 partitions take milliseconds', () => {
  const topics = new Map(
    Array.from({ length: 10 }, (_, i) => [`AAAAAAAAAAAAAAAAAAAA${i}A`, 100] as const),
  )
  for (const isHomogeneous of [true, false]) {
    const members = new Map<string, MemberSubscription>()
    for (let i = 0; i < 500; i++) members.set(`member-${i}`, member([...topics.keys()]))
    const input = inputOf({ topics, members, isHomogeneous })
    for (const assignor of Object.values(assignors)) {
      assignor.assign(input)
      const start = performance.now()
      assignor.assign(input)
      const tookMs = performance.now() - start
      // A few ms alone; the bound leaves room for a machine that does ten other things.
      assert.ok(tookMs < 200, `${assignor.name} took ${tookMs} ms`)
    }
  }
})
