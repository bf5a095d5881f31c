import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '../../protocol/errors.ts'
import { callerOf, NOBODY, offsetsIn, refusalOf, TestShard } from '../shard-for-test.ts'

function shardWith(settings: ConstructorParameters<typeof TestShard>[0] = {}): TestShard {
  const shard = new TestShard(settings)
  shard.changeTopic('t', 4)
  return shard
}

test('offsets of nobody make a group of nobody, which only its offsets tell of', () => {
  const s = shardWith()
  assert.deepEqual(s.commit('g', 't', { 0: 5, 1: 6 }), [0, 0])
  const group = s.shard.group('g')
  assert(group?.type === 'classic')
  assert.deepEqual([group.phase, group.protocolType], ['empty', null])
  assert.equal(s.log.length, 2)
  assert.equal(s.reloaded().group('g')?.type, 'classic')
})

test('a commit without partitions that are taken leaves no group', () => {
  const s = shardWith({ 'offset.metadata.max.bytes': 3 })
  commitWithMetadata(s, ['long'])
  assert.equal(s.shard.group('g'), undefined)
})

type Version = 2 | 8 | 9 | 10
const strangers: readonly (readonly [version: Version, generation: number, error?: string])[] = [
  [2, -1],
  [10, -1],
  [10, -5],
  [8, 0, 'ILLEGAL_GENERATION'],
  [2, 3, 'ILLEGAL_GENERATION'],
  [9, 0, 'GROUP_ID_NOT_FOUND'],
  [10, 3, 'GROUP_ID_NOT_FOUND'],
]
for (const [version, generation, error] of strangers) {
  test(`generation ${generation} of an unknown group is ${error ?? 'taken'} in version ${version}`, () => {
    const s = shardWith()
    const member = { memberId: generation < 0 ? '' : 'm', generation }
    assert.equal(
      refusalOf(() => s.commit('g', 't', { 0: 1 }, member, { version })),
      error,
    )
    assert.deepEqual(s.offsetsOf('g'), error === undefined ? { 't-0': 1 } : {})
  })
}

test('members of a classic group commit in their generation, others not at all', () => {
  const s = shardWith()
  const member = s.joinClassic('g', ['t'])
  assert.deepEqual(s.commit('g', 't', { 0: 1 }, member), [0])
  const refused = [
    ['UNKNOWN_MEMBER_ID', NOBODY],
    ['UNKNOWN_MEMBER_ID', { ...member, memberId: 'other' }],
    ['ILLEGAL_GENERATION', { ...member, generation: member.generation + 1 }],
  ] as const
  for (const [error, by] of refused) {
    assert.equal(
      refusalOf(() => s.commit('g', 't', { 0: 9 }, by)),
      error,
    )
  }
  assert.deepEqual(s.offsetsOf('g'), { 't-0': 1 })
})

test('a commit of a classic member counts as its heartbeat', () => {
  const s = shardWith()
  const member = s.joinClassic('g', ['t'])
  for (let offset = 0; offset < 5; offset++) {
    s.advance(9_000)
    assert.deepEqual(s.commit('g', 't', { 0: offset }, member), [0])
  }
  s.advance(10_001)
  assert.equal(
    refusalOf(() => s.commit('g', 't', { 0: 9 }, member)),
    'UNKNOWN_MEMBER_ID',
  )
})

test('members of a consumer group commit in their epoch, and not by versions before 9', () => {
  const s = shardWith()
  const member = s.joinConsumer('g', ['t'])
  assert.deepEqual(s.commit('g', 't', { 0: 1 }, member), [0])
  const { generation } = member
  const refused = [
    ['UNSUPPORTED_VERSION', member, 8],
    ['UNKNOWN_MEMBER_ID', { ...member, memberId: 'other' }, 10],
    ['UNKNOWN_MEMBER_ID', NOBODY, 10],
    ['STALE_MEMBER_EPOCH', { ...member, generation: generation + 1 }, 10],
  ] as const
  for (const [error, by, version] of refused) {
    assert.equal(
      refusalOf(() => s.commit('g', 't', { 0: 9 }, by, { version })),
      error,
    )
  }
  assert.deepEqual(s.offsetsOf('g'), { 't-0': 1 })
})

test('one partition that is not the member’s refuses the whole commit', () => {
  const s = shardWith()
  const member = s.joinConsumer('g', ['t'])
  const old = { ...member, generation: member.generation - 1 }
  assert.equal(
    refusalOf(() => s.commit('g', 't', { 0: 1, 1: 1 }, old)),
    'STALE_MEMBER_EPOCH',
  )
  assert.deepEqual(s.offsetsOf('g'), {})
})

test('metadata as long as offset.metadata.max.bytes is taken, longer only fails its partition', () => {
  const s = shardWith({ 'offset.metadata.max.bytes': 3 })
  const { OFFSET_METADATA_TOO_LARGE } = errors
  assert.deepEqual(commitWithMetadata(s, ['üüü', 'long', null]), [
    0,
    OFFSET_METADATA_TOO_LARGE.code,
    0,
  ])
  assert.deepEqual(s.offsetsOf('g'), { 't-0': 0, 't-2': 2 })
  const [topic] = s.fetch('g')
  assert.deepEqual(
    topic?.partitions.map(({ metadata }) => metadata),
    ['üüü', ''],
  )
})

const retentions: readonly (readonly [retentionMs: number, expireTimestampMs: number])[] = [
  [-1, -1],
  [0, 0],
  [5_000, 5_000],
  [Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY],
]
for (const [retentionTimeMs, after] of retentions) {
  test(`a retention of ${retentionTimeMs} ms is kept through a restart`, () => {
    const s = shardWith()
    s.commit('g', 't', { 0: 1 }, NOBODY, { version: 2, retentionTimeMs })
    const expected = after === -1 ? -1 : Math.min(s.nowMs + after, Number.MAX_SAFE_INTEGER)
    for (const shard of [s.shard, s.reloaded()]) {
      assert.equal(shard.offsets.get('g', 't', 0)?.expireTimestampMs, expected)
    }
  })
}

test('offsets are taken as they are, negative ones too, as in Kafka', () => {
  const s = shardWith()
  const offsets = { 0: -1, 1: -7, 2: Number.MAX_SAFE_INTEGER, 3: 0 }
  assert.deepEqual(s.commit('g', 't', offsets), [0, 0, 0, 0])
  assert.deepEqual(offsetsIn(s.reloaded(), 'g'), {
    't-0': -1,
    't-1': -7,
    't-2': 2 ** 53 - 1,
    't-3': 0,
  })
})

function commitWithMetadata(s: TestShard, all: readonly (string | null)[]): readonly number[] {
  const partitions = all.map((committedMetadata, partitionIndex) => ({
    partitionIndex,
    committedOffset: partitionIndex,
    committedLeaderEpoch: -1,
    committedMetadata,
  }))
  const topicId = s.world.image.topics.get('t')!.id
  const { topics } = s.submit({
    type: 'offset-commit',
    caller: callerOf(10),
    request: {
      groupId: 'g',
      memberId: '',
      generationIdOrMemberEpoch: -1,
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: [{ name: 't', topicId, partitions }],
    },
  })
  return topics[0]!.partitions.map(({ errorCode }) => errorCode)
}
