/** Every event in every phase: what its sender is answered, and which phase follows. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Ticket } from '../../coordinator/machine.ts'
import { type ErrorName, errorName } from '../../protocol/errors.ts'
import type { ClassicTimeEvent } from '../events.ts'
import { GROUP, stableGroup, worldAt } from './coordinator-for-test.ts'
import { decideClassic } from './decide.ts'
import type { ClassicPhase } from './group.ts'
import { type PerPhase, rowsOf, type Scene, sceneIn } from './phases-for-test.ts'

type Answer = ErrorName | 'waits'
type Row = readonly [answer: Answer, next: ClassicPhase]

function answerTo({ coordinator }: Scene, ticket: Ticket): Answer {
  const answer = coordinator.answer<{ errorCode: number }>(ticket)
  return answer === undefined ? 'waits' : errorName(answer.errorCode)
}

/** What each request is answered, in each phase. */
const requests: Readonly<
  Record<string, { readonly send: (scene: Scene) => Ticket; readonly rows: PerPhase<Row> }>
> = {
  'a client without a member id joins': {
    send: ({ coordinator }) => coordinator.join(),
    rows: {
      empty: ['MEMBER_ID_REQUIRED', 'empty'],
      'preparing-rebalance': ['MEMBER_ID_REQUIRED', 'preparing-rebalance'],
      'completing-rebalance': ['MEMBER_ID_REQUIRED', 'completing-rebalance'],
      stable: ['MEMBER_ID_REQUIRED', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'an old client without a member id joins': {
    send: ({ coordinator }) => coordinator.join({ version: 3 }),
    rows: {
      empty: ['waits', 'preparing-rebalance'],
      'preparing-rebalance': ['waits', 'preparing-rebalance'],
      'completing-rebalance': ['waits', 'preparing-rebalance'],
      stable: ['waits', 'preparing-rebalance'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'a static member joins for the first time': {
    send: ({ coordinator }) => coordinator.join({ instanceId: 'i' }),
    rows: {
      empty: ['waits', 'preparing-rebalance'],
      'preparing-rebalance': ['waits', 'preparing-rebalance'],
      'completing-rebalance': ['waits', 'preparing-rebalance'],
      stable: ['waits', 'preparing-rebalance'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'a client joins with an id that nobody was given': {
    send: ({ coordinator }) => coordinator.join({ memberId: 'stranger' }),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['UNKNOWN_MEMBER_ID', 'preparing-rebalance'],
      'completing-rebalance': ['UNKNOWN_MEMBER_ID', 'completing-rebalance'],
      stable: ['UNKNOWN_MEMBER_ID', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'a client of another protocol type joins': {
    send: ({ coordinator }) => coordinator.join({ protocolType: 'connect' }),
    rows: {
      empty: ['MEMBER_ID_REQUIRED', 'empty'],
      'preparing-rebalance': ['INCONSISTENT_GROUP_PROTOCOL', 'preparing-rebalance'],
      'completing-rebalance': ['INCONSISTENT_GROUP_PROTOCOL', 'completing-rebalance'],
      stable: ['INCONSISTENT_GROUP_PROTOCOL', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'the follower joins again unchanged': {
    send: ({ coordinator, follower }) => coordinator.join({ memberId: follower }),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['waits', 'preparing-rebalance'],
      // It joined with new topics in this scene, so this is a change.
      'completing-rebalance': ['waits', 'preparing-rebalance'],
      stable: ['NONE', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'the follower joins again with other topics': {
    send: ({ coordinator, follower }) =>
      coordinator.join({ memberId: follower, protocols: { range: 'other topics' } }),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['waits', 'preparing-rebalance'],
      'completing-rebalance': ['waits', 'preparing-rebalance'],
      stable: ['waits', 'preparing-rebalance'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'the leader joins again unchanged': {
    send: ({ coordinator, leader }) => coordinator.join({ memberId: leader }),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['NONE', 'completing-rebalance'],
      'completing-rebalance': ['NONE', 'completing-rebalance'],
      stable: ['waits', 'preparing-rebalance'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'the follower syncs': {
    send: ({ coordinator, follower, generation }) => coordinator.sync(follower, generation),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['REBALANCE_IN_PROGRESS', 'preparing-rebalance'],
      'completing-rebalance': ['waits', 'completing-rebalance'],
      stable: ['NONE', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'the leader syncs': {
    send: ({ coordinator, leader, generation }) => coordinator.sync(leader, generation),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['REBALANCE_IN_PROGRESS', 'preparing-rebalance'],
      'completing-rebalance': ['NONE', 'stable'],
      stable: ['NONE', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
  'the follower syncs in an older generation': {
    send: ({ coordinator, follower, generation }) => coordinator.sync(follower, generation - 1),
    rows: {
      empty: ['UNKNOWN_MEMBER_ID', 'empty'],
      'preparing-rebalance': ['ILLEGAL_GENERATION', 'preparing-rebalance'],
      'completing-rebalance': ['ILLEGAL_GENERATION', 'completing-rebalance'],
      stable: ['ILLEGAL_GENERATION', 'stable'],
      dead: ['COORDINATOR_NOT_AVAILABLE', 'dead'],
    },
  },
}

for (const [what, { send, rows }] of Object.entries(requests)) {
  describe(what, () => {
    for (const [phase, [answer, next]] of rowsOf(rows)) {
      test(`in ${phase}: ${answer}, then ${next}`, () => {
        const scene = sceneIn(phase)
        const ticket = send(scene)
        assert.deepEqual([answerTo(scene, ticket), scene.coordinator.group?.phase], [answer, next])
      })
    }
  })
}

/** A heartbeat of the follower, in this generation and an older one, and of a stranger. */
const heartbeats: PerPhase<readonly [current: ErrorName, older: ErrorName, stranger: ErrorName]> = {
  empty: ['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
  'preparing-rebalance': ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'],
  'completing-rebalance': ['NONE', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'],
  stable: ['NONE', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'],
  dead: ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE'],
}

for (const [phase, expected] of rowsOf(heartbeats)) {
  test(`heartbeats in ${phase}: ${expected.join(', ')}`, () => {
    const { coordinator, follower, generation } = sceneIn(phase)
    const codes = [
      coordinator.heartbeat(follower, generation),
      coordinator.heartbeat(follower, generation - 1),
      coordinator.heartbeat('stranger', generation),
    ]
    assert.deepEqual(codes.map(errorName), expected)
  })
}

/** The phase after a member has left, and after both have. */
const leaves: PerPhase<readonly [error: ErrorName, one: ClassicPhase, both: ClassicPhase]> = {
  empty: ['UNKNOWN_MEMBER_ID', 'empty', 'empty'],
  // The follower has joined already, and only the leader was waited for.
  'preparing-rebalance': ['NONE', 'completing-rebalance', 'empty'],
  'completing-rebalance': ['NONE', 'preparing-rebalance', 'empty'],
  stable: ['NONE', 'preparing-rebalance', 'empty'],
  dead: ['COORDINATOR_NOT_AVAILABLE', 'dead', 'dead'],
}

for (const [phase, [error, one, both]] of rowsOf(leaves)) {
  test(`the leader leaves in ${phase}: ${error}, then ${one}; with the follower ${both}`, () => {
    const { coordinator, leader } = sceneIn(phase)
    const { errorCode, members = [] } = coordinator.leave([{ memberId: leader }])
    assert.deepEqual(
      [errorName(errorCode || (members[0]?.errorCode ?? 0)), coordinator.group?.phase],
      [error, one],
    )
    const other = sceneIn(phase)
    other.coordinator.leave([{ memberId: other.leader }, { memberId: other.follower }])
    assert.equal(other.coordinator.group?.phase, both)
  })
}

type TimeType = ClassicTimeEvent['type']

/** What comes of each timer's event in each phase, sent to the leader or the current generation. */
const times: Readonly<Record<TimeType, PerPhase<ClassicPhase>>> = {
  'classic-session-expired': {
    empty: 'empty',
    'preparing-rebalance': 'completing-rebalance',
    'completing-rebalance': 'preparing-rebalance',
    stable: 'preparing-rebalance',
    dead: 'dead',
  },
  'classic-pending-expired': {
    empty: 'empty',
    'preparing-rebalance': 'preparing-rebalance',
    'completing-rebalance': 'completing-rebalance',
    stable: 'stable',
    dead: 'dead',
  },
  'classic-initial-delay-over': {
    empty: 'empty',
    'preparing-rebalance': 'preparing-rebalance',
    'completing-rebalance': 'completing-rebalance',
    stable: 'stable',
    dead: 'dead',
  },
  'classic-join-over': {
    empty: 'empty',
    'preparing-rebalance': 'completing-rebalance',
    'completing-rebalance': 'completing-rebalance',
    stable: 'stable',
    dead: 'dead',
  },
  'classic-sync-over': {
    empty: 'empty',
    'preparing-rebalance': 'preparing-rebalance',
    // Neither member synced, so neither is left.
    'completing-rebalance': 'empty',
    stable: 'stable',
    dead: 'dead',
  },
}

function timeEvent(type: TimeType, { leader, generation }: Scene): ClassicTimeEvent {
  return type === 'classic-session-expired' || type === 'classic-pending-expired'
    ? { type, groupId: GROUP, memberId: leader }
    : { type, groupId: GROUP, generation }
}

// Object.entries forgets that the keys of a record are its key type.
for (const [type, table] of Object.entries(times) as [TimeType, PerPhase<ClassicPhase>][]) {
  for (const [phase, next] of rowsOf(table)) {
    test(`${type} in ${phase} leads to ${next}`, () => {
      const scene = sceneIn(phase)
      scene.coordinator.submit(timeEvent(type, scene))
      assert.equal(scene.coordinator.group?.phase, next)
    })
  }
  test(`${type} of an older generation, or of somebody who is gone, does nothing`, () => {
    for (const [phase] of rowsOf(table)) {
      const scene = sceneIn(phase)
      const { group } = scene.coordinator
      const late = { ...scene, leader: 'gone', generation: scene.generation - 1 }
      scene.coordinator.submit(timeEvent(type, late))
      assert.equal(scene.coordinator.group, group, phase)
    }
  })
}

test('without a group only a join without a member id founds one; all else knows no member', () => {
  const { coordinator } = stableGroup([])
  const [join, sync] = [coordinator.join({ memberId: 'gone' }), coordinator.sync('gone', 1)]
  const errorOf = (ticket: Ticket) =>
    errorName(coordinator.answer<{ errorCode: number }>(ticket)!.errorCode)
  assert.deepEqual([errorOf(join), errorOf(sync)], ['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'])
  assert.equal(errorName(coordinator.heartbeat('gone', 1)), 'UNKNOWN_MEMBER_ID')
  assert.deepEqual(
    coordinator
      .leave([{ memberId: 'gone' }, { memberId: '', groupInstanceId: 'i' }])
      .members?.map(({ errorCode }) => errorName(errorCode)),
    ['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
  )
  assert.deepEqual(coordinator.records, [])
  coordinator.join()
  assert.equal(coordinator.group?.phase, 'empty')
})

test('timers of a group that is gone do nothing', () => {
  for (const type of Object.keys(times) as TimeType[]) {
    const event = timeEvent(type, { ...sceneIn('stable'), leader: 'm', generation: 1 })
    assert.deepEqual(decideClassic(undefined, event, 0, worldAt(0)), [])
  }
})
