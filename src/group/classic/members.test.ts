import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ImmutableMap } from '../../metadata/immutable-map.ts'
import { type ClassicGroup, type ClassicMember, emptyClassicGroup } from './group.ts'
import { haveAllJoined, isJoining, withMembers, withoutMember } from './members.ts'

/** What is derived from the members, computed from nothing. */
function derived({ members }: ClassicGroup) {
  const all = [...members.values()]
  const offers = all.flatMap(({ protocols }) => protocols.map(({ name }) => name))
  return {
    joiningCount: all.filter(isJoining).length,
    protocolCounts: new Map(
      offers.map((name) => [name, offers.filter((other) => other === name).length]),
    ),
    staticMembers: new Map(
      all.flatMap(({ instanceId, memberId }) =>
        instanceId === null ? [] : [[instanceId, memberId] as const],
      ),
    ),
  }
}

const aMember = fc
  .record({
    number: fc.nat(5),
    isStatic: fc.boolean(),
    joining: fc.option(fc.nat(), { nil: undefined }),
    offer: fc.subarray(['range', 'sticky', 'roundrobin']),
  })
  .map(
    ({ number, isStatic, joining, offer }): ClassicMember => ({
      memberId: `${isStatic ? 'static' : 'dynamic'} ${number}`,
      instanceId: isStatic ? `instance ${number}` : null,
      clientId: '',
      clientHost: '',
      rebalanceTimeoutMs: 0,
      sessionTimeoutMs: 0,
      protocols: offer.map((name) => ({ name, metadata: new Uint8Array() })),
      assignment: new Uint8Array(),
      joining,
      syncing: undefined,
      isNew: false,
    }),
  )

test('what is derived from the members follows every change of them', () => {
  const steps = fc.array(
    fc.oneof(
      aMember,
      aMember.map(({ memberId }) => memberId),
    ),
  )
  fc.assert(
    fc.property(steps, (changes) => {
      let group = emptyClassicGroup('g', 0)
      for (const change of changes) {
        group =
          typeof change === 'string' ? withoutMember(group, change) : withMembers(group, [change])
        const { joiningCount, protocolCounts, staticMembers } = group
        assert.deepEqual(
          {
            joiningCount,
            protocolCounts: new Map(protocolCounts),
            staticMembers: new Map(staticMembers),
          },
          derived(group),
        )
        // There is a leader exactly while there is a member, and it is one of them.
        assert.equal(group.leaderId === null, group.members.size === 0)
        if (group.leaderId !== null) assert.ok(group.members.has(group.leaderId))
        const isWaiting = [...group.members.values()].some((member) => !isJoining(member))
        assert.equal(haveAllJoined(group), !isWaiting)
      }
    }),
  )
})

test('an id that was given out is awaited like a member', () => {
  const group = {
    ...emptyClassicGroup('g', 0),
    pendingJoin: ImmutableMap.empty<true>().with(new Map([['id', true]])),
  }
  assert.ok(!haveAllJoined(group))
  assert.ok(haveAllJoined(withoutMember(group, 'id')))
})

test('a group that knows nothing of an id stays what it is without it', () => {
  const group = emptyClassicGroup('g', 0)
  assert.equal(withoutMember(group, 'stranger'), group)
})
