import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { produce } from '../protocol/api/00-produce.ts'
import { fetch } from '../protocol/api/01-fetch.ts'
import { metadata } from '../protocol/api/03-metadata.ts'
import { findCoordinator } from '../protocol/api/10-find-coordinator.ts'
import { describeGroups } from '../protocol/api/15-describe-groups.ts'
import { addPartitionsToTxn } from '../protocol/api/24-add-partitions-to-txn.ts'
import { describeCluster } from '../protocol/api/60-describe-cluster.ts'
import { decode, encode } from '../protocol/codec.ts'
import { KafkaError } from '../protocol/errors.ts'
import { randomValue } from '../protocol/fixtures-for-test.ts'
import { apis } from '../protocol/registry.ts'
import type { Api, RequestInput, ResponseOf } from '../protocol/schema.ts'
import { errorResponse } from './error-response.ts'

const error = new KafkaError('INVALID_REQUEST', 'the request makes no sense')

/** What a client reads of the error answer to a request. */
function answerTo<A extends Api>(api: A, version: number, request: RequestInput<A>): ResponseOf<A> {
  const read = decode(api.request, version, joined(encode(api.request, version, request)))
  const answer = errorResponse(api, version, read, error)
  return decode(api.response, version, joined(encode(api.response, version, answer))) as never
}

const joined = (chunks: readonly Uint8Array[]): Uint8Array => Buffer.concat(chunks)

test('an error can be said in every version of every api, whatever was asked', () => {
  const random = seededRandom(1)
  for (const api of apis) {
    for (let version = api.versions.from; version <= api.versions.to; version++) {
      for (let round = 0; round < 20; round++) {
        const request = randomValue(random, api.request, version)
        const answer = errorResponse(api, version, request, error)
        const bytes = joined(encode(api.response, version, answer))
        assert.doesNotThrow(() => decode(api.response, version, bytes), `${api.name} v${version}`)
      }
    }
  }
})

test('an error code of the whole answer leaves its lists empty', () => {
  const answer = answerTo(fetch, 13, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: [] }],
  })
  assert.equal(answer.errorCode, error.code)
  assert.deepEqual(answer.responses, [])
})

test('where codes sit on items, each item asked for is answered under its own name', () => {
  const partitionData = [
    { index: 3, records: null },
    { index: 5, records: null },
  ]
  const topicData = [{ name: 'a', partitionData }]
  const { responses } = answerTo(produce, 9, { acks: 1, timeoutMs: 0, topicData })
  assert.equal(responses[0]?.name, 'a')
  const told = responses[0]?.partitionResponses.map(({ index, errorCode, baseOffset }) => {
    return { index, errorCode, baseOffset }
  })
  assert.deepEqual(told, [
    { index: 3, errorCode: error.code, baseOffset: -1 },
    { index: 5, errorCode: error.code, baseOffset: -1 },
  ])
})

test('versions without a code of the whole answer say it on the items', () => {
  const partitions = [{ partition: 2, fetchOffset: 7, logStartOffset: 4, partitionMaxBytes: 1 }]
  const topics = [{ topic: 'a', partitions }]
  const { responses } = answerTo(fetch, 5, { maxWaitMs: 0, minBytes: 0, topics })
  const [partition] = responses[0]!.partitions
  assert.equal(responses[0]?.topic, 'a')
  assert.equal(partition?.partitionIndex, 2, 'the request calls it partition')
  assert.equal(partition?.errorCode, error.code)
  assert.equal(partition?.highWatermark, -1)
  assert.equal(partition?.logStartOffset, -1, "not the request's own log start")
  assert.deepEqual(partition?.abortedTransactions, [])
})

test('lists without a place for an error stay empty', () => {
  const answer = answerTo(metadata, 9, { topics: [{ name: 'a' }] })
  assert.deepEqual(answer.brokers, [])
  assert.equal(answer.topics[0]?.name, 'a')
  assert.equal(answer.topics[0]?.errorCode, error.code)
})

test('items that are mere names are answered under these names', () => {
  for (const version of [5, 6]) {
    const { groups } = answerTo(describeGroups, version, { groups: ['a', 'b'] })
    assert.deepEqual(
      groups.map(({ groupId }) => groupId),
      ['a', 'b'],
      'the message of the error, which v6 has, is not what was asked about',
    )
  }
  const { coordinators } = answerTo(findCoordinator, 4, { keyType: 0, coordinatorKeys: ['x'] })
  assert.equal(coordinators[0]?.key, 'x')
  assert.equal(coordinators[0]?.nodeId, -1)
  assert.equal(coordinators[0]?.errorCode, error.code)
})

test('codes of another name than errorCode are set too', () => {
  const answer = answerTo(addPartitionsToTxn, 3, {
    v3AndBelowTransactionalId: 't',
    v3AndBelowProducerId: 1,
    v3AndBelowProducerEpoch: 0,
    v3AndBelowTopics: [{ name: 'a', partitions: [4] }],
  })
  const [partition] = answer.resultsByTopicV3AndBelow[0]!.resultsByPartition
  assert.deepEqual({ ...partition }, { partitionIndex: 4, partitionErrorCode: error.code })
})

test('what the answer would have told keeps its default', () => {
  const answer = answerTo(describeCluster, 1, {
    includeClusterAuthorizedOperations: true,
    endpointType: 9,
  })
  assert.equal(answer.endpointType, 1)
  assert.equal(answer.clusterAuthorizedOperations, -(2 ** 31))
})
