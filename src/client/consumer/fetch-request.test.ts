import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { fetch } from '../../protocol/api/01-fetch.ts'
import { type ErrorName, errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { RequestInput, ResponseOf } from '../../protocol/schema.ts'
import { answersByName, fetchRequestOf, type Verdict, verdictOn } from './fetch-request.ts'
import { NO_SESSION, nextRequest, type WantedPartition } from './fetch-session.ts'

const SETTINGS = {
  maxBytes: 100,
  partitionMaxBytes: 10,
  minBytes: 1,
  maxWaitMs: 500,
  checksCrcs: true,
  isCommittedOnly: true,
  rack: 'r1',
  preferenceMs: 1,
}

function wanted(topic: string, partition: number, topicId: string): WantedPartition {
  return { topic, partition, topicId, fetchOffset: 3, currentLeaderEpoch: 2, maxBytes: 10 }
}

test('a request tells every topic once, with its id', () => {
  const request = nextRequest(NO_SESSION, [
    wanted('a', 0, 'A'),
    wanted('b', 0, 'B'),
    wanted('a', 1, 'A'),
  ])
  const body: RequestInput<typeof fetch> = fetchRequestOf(request, SETTINGS, 77)
  const topics = body.topics.map(({ topic, topicId, partitions }) => {
    return [topic, topicId, partitions.map(({ partition }) => partition)]
  })
  assert.deepEqual(topics, [
    ['a', 'A', [0, 1]],
    ['b', 'B', [0]],
  ])
  assert.deepEqual([body.maxBytes, body.isolationLevel, body.rackId], [77, 1, 'r1'])
})

for (const [by, topic, topicId] of [
  ['id', '', 'A'],
  ['name', 'a', ZERO_UUID],
] as const) {
  test(`an answer by ${by} is for the partition that was asked for`, () => {
    const request = nextRequest(NO_SESSION, [wanted('a', 0, by === 'id' ? 'A' : ZERO_UUID)])
    const partitions = [0, 9].map((partitionIndex) => ({ partitionIndex }))
    const stranger = { topic: '', topicId: 'Z', partitions }
    // Only what is looked at; the rest of an answer is not.
    const answer = { responses: [{ topic, topicId, partitions }, stranger] } as unknown
    const names = [...answersByName(request, answer as ResponseOf<typeof fetch>).keys()]
    assert.deepEqual(names, ['a-0'])
  })
}

const AGAIN: Verdict = { type: 'again', isStale: true }
const verdicts: Partial<Record<ErrorName, Verdict>> = {
  NOT_LEADER_OR_FOLLOWER: AGAIN,
  REPLICA_NOT_AVAILABLE: AGAIN,
  KAFKA_STORAGE_ERROR: AGAIN,
  FENCED_LEADER_EPOCH: AGAIN,
  OFFSET_NOT_AVAILABLE: AGAIN,
  UNKNOWN_TOPIC_OR_PARTITION: AGAIN,
  UNKNOWN_TOPIC_ID: AGAIN,
  INCONSISTENT_TOPIC_ID: AGAIN,
  UNKNOWN_LEADER_EPOCH: { type: 'again', isStale: false },
  UNKNOWN_SERVER_ERROR: { type: 'again', isStale: false },
  OFFSET_OUT_OF_RANGE: { type: 'out-of-range' },
  TOPIC_AUTHORIZATION_FAILED: { type: 'failed' },
  CORRUPT_MESSAGE: { type: 'failed' },
}

for (const error of Object.keys(errors) as ErrorName[]) {
  const verdict = verdicts[error]
  if (verdict === undefined) continue
  test(`${error} of a partition means ${verdict.type}`, () => {
    assert.deepEqual(verdictOn(error), verdict)
  })
}
