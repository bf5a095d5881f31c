import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainHeld, refusal, topicId } from './coordinator-for-test.ts'
import {
  type Assignment,
  type ConsumerMember,
  type HeldPartitions,
  type MemberState,
  NO_PARTITIONS,
  newMember,
} from './group.ts'
import type { NamedPartitions } from './partitions.ts'
import { type Reconciliation, reconciled } from './reconcile.ts'

const books = topicId('books')
const films = topicId('films')

/** Partitions of `books`, given in an epoch. */
const held = (epoch: number, ...partitions: number[]): HeldPartitions =>
  partitions.length === 0 ? NO_PARTITIONS : new Map([[books, epochsOf(epoch, partitions)]])
const epochsOf = (epoch: number, partitions: readonly number[]): ReadonlyMap<number, number> =>
  new Map(partitions.map((partition) => [partition, epoch]))
const named = (...partitions: number[]): NamedPartitions =>
  partitions.length === 0 ? [] : [{ topicId: books, partitions }]
const targetOf = (...partitions: number[]): Assignment =>
  new Map(partitions.length === 0 ? [] : [[books, partitions]])

/** A member in epoch 4 that was in 3 before. */
function memberIn(state: MemberState, over: Partial<ConsumerMember> = {}): ConsumerMember {
  return { ...newMember('a'), memberEpoch: 4, previousMemberEpoch: 3, state, ...over }
}

/** On the way to epoch 5, subscribed to everything, with all partitions free. */
function way(over: Partial<Reconciliation> = {}): Reconciliation {
  return {
    targetEpoch: 5,
    target: targetOf(),
    isSubscribed: () => true,
    isHeld: () => false,
    hasNewSubscription: false,
    owned: null,
    ...over,
  }
}

interface Row {
  readonly rule: string
  readonly member: ConsumerMember
  readonly way: Partial<Reconciliation>
  /** undefined: unchanged. */
  readonly state?: MemberState
  readonly epoch?: number
  readonly assigned?: HeldPartitions
  readonly pending?: HeldPartitions
}

const revoking = memberIn('unrevoked-partitions', {
  assigned: held(3, 1),
  pendingRevocation: held(3, 2, 3),
})
const waiting = memberIn('unreleased-partitions', { assigned: held(4, 1) })
const isHeld = (_topicId: string, partition: number) => partition === 9

/** Every state with what a heartbeat may say in it. */
const rows: readonly Row[] = [
  {
    rule: 'a stable member in the epoch of the target stays as it is',
    member: memberIn('stable', { assigned: held(4, 1) }),
    way: { targetEpoch: 4, target: targetOf(1, 2) },
  },
  {
    rule: 'a stable member whose target is as before only goes on to its epoch',
    member: memberIn('stable', { assigned: held(2, 1) }),
    way: { target: targetOf(1) },
    state: 'stable',
    epoch: 5,
    assigned: held(2, 1),
  },
  {
    rule: 'a stable member takes free partitions in the epoch of the target',
    member: memberIn('stable', { assigned: held(2, 1) }),
    way: { target: targetOf(1, 2) },
    state: 'stable',
    epoch: 5,
    assigned: new Map([
      [
        books,
        new Map([
          [1, 2],
          [2, 5],
        ]),
      ],
    ]),
  },
  {
    rule: 'a stable member takes what is free and waits for what is not',
    member: memberIn('stable'),
    way: { target: targetOf(1, 9), isHeld },
    state: 'unreleased-partitions',
    epoch: 5,
    assigned: held(5, 1),
  },
  {
    rule: 'a stable member that waits for everything goes on to the next epoch as well',
    member: memberIn('stable'),
    way: { target: targetOf(9), isHeld },
    state: 'unreleased-partitions',
    epoch: 5,
    assigned: held(5),
  },
  {
    rule: 'a stable member must give up what is not in its target before it is given anything',
    member: memberIn('stable', { assigned: held(4, 1, 2) }),
    way: { target: targetOf(1, 3) },
    state: 'unrevoked-partitions',
    epoch: 4,
    assigned: held(4, 1),
    pending: held(4, 2),
  },
  {
    rule: 'a stable member that already says it gave them up goes on at once',
    member: memberIn('stable', { assigned: held(4, 1, 2) }),
    way: { target: targetOf(1), owned: named(1) },
    state: 'stable',
    epoch: 5,
    assigned: held(4, 1),
  },
  {
    rule: 'a target on a topic that the member does not subscribe to is no target',
    member: memberIn('stable', { assigned: held(4, 1) }),
    way: { target: targetOf(1, 2), isSubscribed: () => false },
    state: 'unrevoked-partitions',
    epoch: 4,
    assigned: held(4),
    pending: held(4, 1),
  },
  {
    rule: 'a stable member gives up a topic it no longer asks for before there is a new target',
    member: memberIn('stable', { assigned: held(4, 1) }),
    way: { targetEpoch: 4, hasNewSubscription: true, isSubscribed: () => false },
    state: 'unrevoked-partitions',
    epoch: 4,
    assigned: held(4),
    pending: held(4, 1),
  },
  {
    rule: 'a stable member that dropped a topic and holds none of it is done with it',
    member: memberIn('stable', { assigned: held(4, 1) }),
    way: {
      targetEpoch: 4,
      hasNewSubscription: true,
      isSubscribed: () => false,
      owned: named(),
    },
    state: 'stable',
    epoch: 4,
    assigned: held(4),
  },
  {
    rule: 'a stable member that asks for more topics keeps what it has until there is a new target',
    member: memberIn('stable', { assigned: held(4, 1) }),
    way: { targetEpoch: 4, target: targetOf(1), hasNewSubscription: true },
  },
  {
    rule: 'a revoking member that does not say what it holds is waited for',
    member: revoking,
    way: { target: targetOf(1) },
  },
  {
    rule: 'a revoking member that still holds some of it is waited for',
    member: revoking,
    way: { target: targetOf(1), owned: named(1, 3) },
  },
  {
    rule: 'a revoking member that drops another topic must give that up too',
    member: { ...revoking, assigned: new Map([[films, epochsOf(2, [7])]]) },
    way: { hasNewSubscription: true, owned: named(2), isSubscribed: (id) => id !== films },
    state: 'unrevoked-partitions',
    epoch: 4,
    assigned: NO_PARTITIONS,
    pending: new Map([
      [books, epochsOf(3, [2, 3])],
      [films, epochsOf(2, [7])],
    ]),
  },
  {
    rule: 'a revoking member that gave all up goes on to the target',
    member: revoking,
    way: { target: targetOf(1, 5), owned: named(1) },
    state: 'stable',
    epoch: 5,
    assigned: new Map([
      [
        books,
        new Map([
          [1, 3],
          [5, 5],
        ]),
      ],
    ]),
  },
  {
    rule: 'a revoking member that gave all up and whose target changed meanwhile gives up the next',
    member: { ...revoking, assigned: held(3, 1, 4) },
    way: { target: targetOf(1), owned: named(1, 4) },
    state: 'unrevoked-partitions',
    epoch: 4,
    assigned: held(3, 1),
    pending: held(3, 4),
  },
  {
    rule: 'what a member gave up and is to have again is free, though it is held: by itself',
    member: revoking,
    way: { target: targetOf(1, 2), owned: named(1), isHeld: () => true },
    state: 'stable',
    epoch: 5,
    assigned: new Map([
      [
        books,
        new Map([
          [1, 3],
          [2, 5],
        ]),
      ],
    ]),
  },
  {
    rule: 'a waiting member is given what became free',
    member: waiting,
    way: { targetEpoch: 4, target: targetOf(1, 2), isHeld },
    state: 'stable',
    epoch: 4,
    assigned: held(4, 1, 2),
  },
  {
    rule: 'a waiting member for whom nothing became free waits on',
    member: waiting,
    way: { targetEpoch: 4, target: targetOf(1, 9), isHeld },
    state: 'unreleased-partitions',
    epoch: 4,
    assigned: held(4, 1),
  },
  {
    rule: 'a waiting member with a new target gives up first',
    member: waiting,
    way: { target: targetOf(9), isHeld },
    state: 'unrevoked-partitions',
    epoch: 4,
    assigned: held(4),
    pending: held(4, 1),
  },
  {
    rule: 'a member in an unknown state that holds nothing begins anew in the epoch of the target',
    member: memberIn('unknown', { assigned: held(4, 1) }),
    way: { target: targetOf(2), owned: named() },
    state: 'stable',
    epoch: 5,
    assigned: held(5, 2),
  },
]

for (const row of rows) {
  test(row.rule, () => {
    const after = reconciled(row.member, way(row.way))
    if (row.state === undefined) {
      assert.equal(after, row.member)
      return
    }
    assert.deepEqual(
      {
        state: after.state,
        epoch: after.memberEpoch,
        previous: after.previousMemberEpoch,
        assigned: plainHeld(after.assigned),
        pending: plainHeld(after.pendingRevocation),
      },
      {
        state: row.state,
        epoch: row.epoch,
        previous: row.member.memberEpoch,
        assigned: plainHeld(row.assigned ?? NO_PARTITIONS),
        pending: plainHeld(row.pending ?? NO_PARTITIONS),
      },
    )
  })
}

test('a member in an unknown state that may hold anything is fenced', () => {
  for (const owned of [null, named(1)]) {
    const act = () => reconciled(memberIn('unknown'), way({ owned }))
    assert.equal(refusal(act), 'FENCED_MEMBER_EPOCH')
  }
})

const someOf = fc.uniqueArray(fc.integer({ min: 0, max: 7 }))
const anyMember = fc
  .record({
    state: fc.constantFrom<MemberState>('stable', 'unrevoked-partitions', 'unreleased-partitions'),
    epoch: fc.integer({ min: 1, max: 6 }),
    assigned: someOf,
    pending: someOf,
  })
  .map(({ state, epoch, assigned, pending }) => {
    const revokes = state === 'unrevoked-partitions'
    const left = pending.filter((partition) => !assigned.includes(partition))
    return memberIn(state, {
      memberEpoch: epoch,
      assigned: held(epoch, ...assigned),
      pendingRevocation: revokes ? held(epoch, ...left) : NO_PARTITIONS,
    })
  })

test('a step keeps what the member may hold, takes only what is free, and never goes back', () => {
  fc.assert(
    fc.property(
      anyMember,
      someOf,
      someOf,
      fc.option(someOf, { nil: null }),
      fc.boolean(),
      (member, target, heldByOthers, owned, hasNewSubscription) => {
        const mine = [...partitionsOf(member.assigned), ...partitionsOf(member.pendingRevocation)]
        const others = heldByOthers.filter((partition) => !mine.includes(partition))
        const after = reconciled(
          member,
          way({
            target: targetOf(...target),
            targetEpoch: 6,
            owned: owned && named(...owned.filter((partition) => mine.includes(partition))),
            isHeld: (_, partition) => others.includes(partition) || mine.includes(partition),
            hasNewSubscription,
          }),
        )
        const now = [...partitionsOf(after.assigned), ...partitionsOf(after.pendingRevocation)]
        assert.ok(now.every((partition) => !others.includes(partition)))
        assert.ok(after.memberEpoch === member.memberEpoch || after.memberEpoch === 6)
        // What it may still hold is its own until it says otherwise.
        if (owned === null) assert.ok(mine.every((partition) => now.includes(partition)))
        if (after.state === 'stable' && after.memberEpoch === 6 && after !== member) {
          assert.deepEqual([...partitionsOf(after.assigned)].sort(), [...target].sort())
        }
      },
    ),
  )
})

function partitionsOf(partitions: HeldPartitions): readonly number[] {
  return [...(partitions.get(books)?.keys() ?? [])]
}

test('a member that does what it is told comes to its target, whatever it had', () => {
  fc.assert(
    fc.property(anyMember, someOf, (start, target) => {
      let member = start
      for (let beat = 0; beat < 3; beat++) {
        const owned = named(...partitionsOf(member.assigned))
        const goal = way({ targetEpoch: 7, target: targetOf(...target), owned })
        member = reconciled(member, goal)
      }
      assert.equal(member.state, 'stable')
      assert.equal(member.memberEpoch, 7)
      assert.deepEqual([...partitionsOf(member.assigned)].sort(), [...target].sort())
    }),
  )
})
