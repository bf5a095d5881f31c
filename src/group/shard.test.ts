import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../kernel/environment.ts'
import { seededRandom } from '../kernel/seeded-random.ts'
import { groupRecord } from './classic/record.ts'
import { groupRecords } from './consumer/records.ts'
import type { GroupShard } from './shard.ts'
import {
  callerOf,
  NOBODY,
  offsetsIn,
  refusalOf,
  type TestMember,
  TestShard,
} from './shard-for-test.ts'

const MINUTE = 60_000

test('an empty group becomes one of the other kind and keeps its offsets', () => {
  const s = new TestShard()
  s.changeTopic('t', 1)
  s.commit('g', 't', { 0: 1 })
  const consumer = s.joinConsumer('g', ['t'])
  assert.equal(s.shard.group('g')?.type, 'consumer')
  s.leaveConsumer('g', consumer)
  const classic = s.joinClassic('g', ['t'])
  assert.equal(s.shard.group('g')?.type, 'classic')
  s.leaveClassic('g', classic)
  s.joinConsumer('g', ['t'])
  for (const shard of [s.shard, s.reloaded()]) {
    assert.equal(shard.group('g')?.type, 'consumer')
    assert.deepEqual(offsetsIn(shard, 'g'), { 't-0': 1 })
  }
})

test('a classic client that is refused does not end an empty consumer group', () => {
  for (const refused of [{ memberId: 'stranger' }, { sessionTimeoutMs: 1 }]) {
    const s = new TestShard()
    s.changeTopic('t', 1)
    s.leaveConsumer('g', s.joinConsumer('g', ['t']))
    const answer = s.submit({
      type: 'join-group',
      freshId: 'AAAAAAAAAAAAAAAAAAAAZQ',
      caller: callerOf(9),
      request: {
        groupId: 'g',
        memberId: '',
        groupInstanceId: null,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 60_000,
        reason: null,
        ...refused,
      },
    })
    assert.notEqual(answer.errorCode, 0)
    assert.equal(s.shard.group('g')?.type, 'consumer')
  }
})

/** Everything that a shard has on record, in a form that can be compared. */
function durable(shard: GroupShard): unknown {
  const groups = [...shard.groups()].map((group) => {
    if (group.type === 'consumer') return [group.groupId, groupRecords(group)]
    // A group that is between two generations is on record as it was in the last one.
    const isAtRest = group.phase === 'empty' || group.phase === 'stable'
    return [
      group.groupId,
      isAtRest && group.protocolType !== null ? groupRecord(group) : group.type,
    ]
  })
  const offsets = [...shard.offsets.groupIds()].map((groupId) => [
    groupId,
    [...shard.offsets.topicsOf(groupId)].sort(([a], [b]) => (a < b ? -1 : 1)),
    [...shard.offsets.openTopicsOf(groupId)],
  ])
  return { groups: sorted(groups), offsets: sorted(offsets) }
}

function sorted(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return [...rows].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

/** Random clients and administrators of one shard, and what they know of its offsets. */
class Walk {
  readonly s = new TestShard({
    'offsets.retention.minutes': 5,
    'offsets.retention.check.interval.ms': MINUTE,
  })
  /** Offset of the latest commit that counts, with the position of its record. */
  readonly #latest = new Map<string, { readonly offset: number; readonly at: number }>()
  readonly #pending = new Map<
    number,
    Map<string, { readonly offset: number; readonly at: number }>
  >()
  readonly #members = new Map<string, { readonly kind: Kind; readonly member: TestMember }>()
  readonly #random: Random
  #life = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    for (const topic of TOPICS) this.s.changeTopic(topic, PARTITIONS)
  }

  step(): void {
    const action = this.#pick(ACTIONS)
    refusalOf(() => this.#act(action))
  }

  /** What is committed is what was committed last, or it is gone. */
  check(where: string): void {
    for (const groupId of GROUPS) {
      for (const [name, offset] of Object.entries(this.s.offsetsOf(groupId))) {
        assert.equal(
          offset,
          this.#latest.get(`${groupId}/${name}`)?.offset,
          `${where}: ${groupId} ${name}`,
        )
      }
    }
  }

  #act(action: (typeof ACTIONS)[number]): void {
    const { s } = this
    const groupId = this.#pick(GROUPS)
    const topic = this.#pick(TOPICS)
    const partition = this.#random.below(PARTITIONS)
    switch (action) {
      case 'commit':
        this.#commit(groupId, topic, partition)
        break
      case 'commit-in-transaction':
        this.#commitIn(this.#random.below(3), groupId, topic, partition)
        break
      case 'end-transaction':
        this.#endTransaction(this.#random.below(3))
        break
      case 'join':
        this.#join(groupId, topic)
        break
      case 'leave':
        this.#leave(groupId)
        break
      case 'delete-offsets': {
        const topics = [{ name: topic, partitions: [{ partitionIndex: partition }] }]
        s.submit({ type: 'offset-delete', caller: callerOf(0), request: { groupId, topics } })
        break
      }
      case 'delete-group':
        s.submit({ type: 'delete-group', groupId })
        break
      case 'change-topic':
        this.#life += 1
        s.changeTopic(topic, 0)
        s.changeTopic(topic, PARTITIONS, this.#life)
        break
      case 'wait':
        s.advance(this.#random.below(3 * MINUTE))
    }
  }

  #commit(groupId: string, topic: string, partition: number): void {
    const member = this.#random.below(3) === 0 ? undefined : this.#members.get(groupId)?.member
    const offset = this.#random.below(1_000)
    this.s.commit(groupId, topic, { [partition]: offset }, member ?? NOBODY)
    this.#latest.set(`${groupId}/${topic}-${partition}`, { offset, at: this.s.log.length - 1 })
  }

  #commitIn(producerId: number, groupId: string, topic: string, partition: number): void {
    const offset = this.#random.below(1_000)
    this.s.commitIn(producerId, groupId, topic, offset, partition)
    const offsets = this.#pending.get(producerId) ?? new Map()
    this.#pending.set(producerId, offsets)
    offsets.set(`${groupId}/${topic}-${partition}`, { offset, at: this.s.log.length - 1 })
  }

  #endTransaction(producerId: number): void {
    const isCommitted = this.#random.below(2) === 0
    for (const [name, offset] of this.#pending.get(producerId) ?? []) {
      const before = this.#latest.get(name)
      if (isCommitted && (before === undefined || before.at < offset.at)) {
        this.#latest.set(name, offset)
      }
    }
    this.#pending.delete(producerId)
    this.s.endTransaction(producerId, isCommitted)
  }

  #join(groupId: string, topic: string): void {
    if (this.#members.has(groupId)) return
    const kind = this.#pick(['classic', 'consumer'] as const)
    const member =
      kind === 'classic'
        ? this.s.joinClassic(groupId, [topic])
        : this.s.joinConsumer(groupId, [topic])
    this.#members.set(groupId, { kind, member })
  }

  #leave(groupId: string): void {
    const here = this.#members.get(groupId)
    this.#members.delete(groupId)
    if (here?.kind === 'classic') this.s.leaveClassic(groupId, here.member)
    if (here?.kind === 'consumer') this.s.leaveConsumer(groupId, here.member)
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.#random.below(all.length)]!
  }
}

type Kind = 'classic' | 'consumer'
const GROUPS = ['g', 'h', 'i']
const TOPICS = ['t', 'u']
const PARTITIONS = 3
const ACTIONS = [
  'commit',
  'commit',
  'commit',
  'commit-in-transaction',
  'end-transaction',
  'join',
  'leave',
  'delete-offsets',
  'delete-group',
  'change-topic',
  'wait',
] as const

const SEEDS = 60
const STEPS = 150

test(`no offset changes without a commit, and what is read back is what was there (seeds 1 to ${SEEDS})`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const walk = new Walk(seed)
    for (let step = 0; step < STEPS; step++) {
      walk.step()
      walk.check(`seed ${seed}, step ${step}`)
    }
    assert.deepEqual(durable(walk.s.reloaded()), durable(walk.s.shard), `seed ${seed}`)
  }
})
