import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { offsetCommit } from '../../protocol/api/08-offset-commit.ts'
import { findCoordinator } from '../../protocol/api/10-find-coordinator.ts'
import { offsetDelete } from '../../protocol/api/47-offset-delete.ts'
import { consumerGroupHeartbeat } from '../../protocol/api/68-consumer-group-heartbeat.ts'
import { errorName } from '../../protocol/errors.ts'
import { TestBroker } from '../broker-fixtures-for-test.ts'
import { committedOffsets } from './offsets-fixtures-for-test.ts'

let b: TestBroker
before(async () => {
  b = await TestBroker.start()
  await b.createTopic('t', { partitions: 3 })
  await b.createTopic('u')
  await b.ask(findCoordinator, { keyType: 0, coordinatorKeys: ['any'] })
})
after(() => b.stop())

async function commitAll(groupId: string, by: { memberId: string; epoch: number }): Promise<void> {
  const partitions = [0, 1, 2].map((partitionIndex) => ({
    partitionIndex,
    committedOffset: 5,
    committedMetadata: null,
  }))
  const topics = [
    { name: 't', partitions },
    { name: 'u', partitions: partitions.slice(0, 1) },
  ]
  const { memberId, epoch } = by
  const request = { groupId, memberId, generationIdOrMemberEpoch: epoch, topics }
  await b.ask(offsetCommit, request, 9)
}

const nobody = { memberId: '', epoch: -1 }

/** The error of the whole, and those of partitions by topic. */
async function deleteOffsets(groupId: string, topics: Readonly<Record<string, readonly number[]>>) {
  const answer = await b.ask(offsetDelete, {
    groupId,
    topics: Object.entries(topics).map(([name, indexes]) => ({
      name,
      partitions: indexes.map((partitionIndex) => ({ partitionIndex })),
    })),
  })
  const told = answer.topics.map(({ name, partitions }) => {
    const errors = partitions.map((one) => [one.partitionIndex, errorName(one.errorCode)])
    return [name, Object.fromEntries(errors)]
  })
  return [errorName(answer.errorCode), Object.fromEntries(told)]
}

test('offsets go, and partitions that are not there fail alone', async () => {
  await commitAll('g', nobody)
  const missing = 'UNKNOWN_TOPIC_OR_PARTITION'
  assert.deepEqual(await deleteOffsets('g', { nil: [0], t: [0, 7, 1] }), [
    'NONE',
    { nil: { 0: missing }, t: { 7: missing, 0: 'NONE', 1: 'NONE' } },
  ])
  assert.deepEqual(await committedOffsets(b, 'g'), { 't-2': 5, 'u-0': 5 })
})

test('offsets of topics that the group reads stay', async () => {
  const { memberEpoch } = await b.ask(consumerGroupHeartbeat, {
    groupId: 'reader',
    memberId: 'm',
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: ['t'],
    topicPartitions: [],
  })
  await commitAll('reader', { memberId: 'm', epoch: memberEpoch })
  assert.deepEqual(await deleteOffsets('reader', { t: [0], u: [0] }), [
    'NONE',
    { t: { 0: 'GROUP_SUBSCRIBED_TO_TOPIC' }, u: { 0: 'NONE' } },
  ])
})

const wholes: readonly (readonly [what: string, groupId: string, error: string])[] = [
  ['an unknown group', 'unknown', 'GROUP_ID_NOT_FOUND'],
  ['the empty group id', '', 'INVALID_GROUP_ID'],
]
for (const [what, groupId, error] of wholes) {
  test(`${what} is ${error}, whatever is asked for`, async () => {
    for (const topics of [{ t: [0], nil: [0] }, { nil: [0] }, {}]) {
      assert.deepEqual(await deleteOffsets(groupId, topics), [error, {}])
    }
  })
}
